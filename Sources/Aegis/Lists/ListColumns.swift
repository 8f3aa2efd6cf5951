/// The columns of a line, separated by tabs, commas and blanks.
struct ListColumns {
  private(set) var all: [Substring]

  init(_ entry: Substring) {
    all = entry.utf8.split { ListLine.isBlank($0) || $0 == UInt8(ascii: ",") }.map(Substring.init)
    joinRange()
  }

  /// A range may be written with blanks around its dash.
  private mutating func joinRange() {
    let dash = UInt8(ascii: "-")
    guard all.count > 1 else { return }
    if all.count > 2, all[1] == "-", Self.isAddress(all[2]) {
      all.replaceSubrange(..<3, with: ["\(all[0])-\(all[2])"])
    } else if all[0].utf8.last == dash && Self.isAddress(all[1])
      || all[1].utf8.first == dash && Self.isAddress(all[1].afterFirstByte)
    {
      all.replaceSubrange(..<2, with: ["\(all[0])\(all[1])"])
    }
  }

  /// Whether the text is or begins with an address: a prefix, a range or a pattern.
  private static func isAddress(_ text: Substring) -> Bool {
    (try? pattern(text)) != nil
      || (try? IPAddress.literal(text.split(at: "/").before.split(at: "-").before)) != nil
  }

  /// The elements that the first column names: an element, a range of addresses or a pattern like `192.0.2.*`.
  static func elements<Element: ListElement>(
    _ text: Substring, _ options: ListOptions, noting notes: inout [InputNote]
  ) throws(InputError) -> [Element] {
    if let prefix = try pattern(text) { return [Element(source: prefix)] }
    let (first, last) = text.split(at: "-")
    if let last, (try? IPAddress.literal(first)) != nil {
      return try AddressRange.prefixes(from: first, to: last, of: String(text))
        .map(Element.init(source:))
    }
    return [try Element(listed: options.masked(String(text)), noting: &notes)]
  }

  /// The prefix for a pattern with stars as its last octets.
  private static func pattern(_ text: Substring) throws(InputError) -> Prefix? {
    guard text.utf8.last == UInt8(ascii: "*") else { return nil }
    let octets = text.split(separator: ".", omittingEmptySubsequences: false)
    let given = octets.prefix { $0 != "*" }
    guard octets.count == 4, octets.dropFirst(given.count).allSatisfy({ $0 == "*" }) else {
      throw InputError(
        text, "is not a pattern: only the last octets can be *",
        hint: "write it as 192.0.2.*")
    }
    let padding = repeatElement("0", count: 4 - given.count).map { $0[...] }
    let address = try IPAddress.literal(
      (given + padding).joined(separator: ".")[...])
    return Prefix(masking: address, length: 8 * given.count)
  }

  /// Refuses a second column that may be part of what the first column names.
  func checkSecond(of line: Substring) throws(InputError) {
    guard all.count > 1 else { return }
    let (first, second) = (all[0], all[1])
    let width = first.utf8.contains(UInt8(ascii: ":")) ? 128 : 32
    if Self.isAddress(second) {
      guard Self.isAddress(first) else {
        throw InputError(
          line, "has a second column that is an address",
          hint: "--format columns ignores it")
      }
      let mask = (try? IPAddress.literal(second))?.maskLength
      let network = mask.map { ", the network \(first)/\($0)" } ?? ""
      throw InputError(
        line, "could be the range \(first)-\(second)\(network) or two entries",
        hint: "--format dshield reads the range, --format columns only \(first)")
    }
    let digits = second.utf8.first == UInt8(ascii: "/") ? second.afterFirstByte : second
    guard digits.isDigits, let number = Int(digits), number <= width else { return }
    if (try? IPAddress.literal(first)) != nil {
      throw InputError(
        line, "could be the network \(first)/\(number), or \(first) and a number",
        hint: "write the network with a /, or use --format columns for the first column only")
    }
    if Self.isAddress(first) {
      throw InputError(
        line, "has a number after \(first) that could be a prefix length",
        hint: "--format columns ignores it")
    }
  }

  /// The range in a line of DShield's block list: first address, last address and prefix length. nil for the line with
  /// the column names.
  func dshieldRange(of line: Substring) throws(InputError) -> [Prefix]? {
    if all.count > 1, all[0].lowercased() == "start", all[1].lowercased() == "end" { return nil }
    guard all.count > 1 else {
      throw InputError(line, "has no second column with the end of the range")
    }
    let prefixes = try AddressRange.prefixes(
      from: all[0], to: all[1], of: "\(all[0])-\(all[1])")
    if all.count > 2, all[2].isDigits, prefixes.count != 1 || "\(prefixes[0].length)" != all[2] {
      throw InputError(line, "has a range and a prefix length /\(all[2]) that do not match")
    }
    return prefixes
  }
}
