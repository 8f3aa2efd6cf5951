/// The format of a list.
public enum ListFormat: String, CaseIterable, Sendable {
  /// One entry per line, with comments.
  case plain
  /// The first column is the entry, whatever follows.
  case columns
  /// The block list of DShield: first address, last address, prefix length.
  case dshield
  /// The DROP lists of Spamhaus, as text or as JSON lines.
  case spamhaus
  /// Decisions of CrowdSec.
  case crowdsec
  /// The output of `ipset save`.
  case ipset
  /// The output of `nft -j list set`.
  case nft
  /// The output of `dump -o json`, or an array of strings.
  case json
}

/// The format of a list, detected from its first line that is neither blank nor a comment.
struct ListOpening {
  /// nil for JSON, whose members identify the format.
  private(set) var format: ListFormat?
  /// Why the file is not a list.
  private(set) var refusal: InputError?

  init(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    var isSpamhaus = false
    while true {
      rest = rest.drop { ListLine.isBlank($0) || $0 == ListLine.end }
      guard let first = rest.first, ListLine.isComment(first) else { break }
      let comment = rest.prefix { $0 != ListLine.end }
      isSpamhaus = isSpamhaus || comment.starts(with: "; Spamhaus ".utf8)
      rest = rest.dropFirst(comment.count)
    }
    if Self.isJSON(rest) { return }
    let line = rest.prefix(200).prefix { $0 != ListLine.end }
    let words = line.split(whereSeparator: ListLine.isBlank).map {
      String(decoding: $0, as: UTF8.self)
    }
    let word = words.first ?? ""
    refusal = Self.refusal(word, line)
    format =
      if IPSetVerb(word.utf8) != nil { .ipset } else if words.prefix(2) == ["Start", "End"] {
        .dshield
      } else { isSpamhaus ? .spamhaus : .plain }
  }

  /// A key may begin with a bracket too.
  static func isJSON(_ text: ArraySlice<UInt8>) -> Bool {
    let text = text.drop { ListLine.isBlank($0) || $0 == ListLine.end }
    if text.starts(with: "null".utf8) { return true }
    guard text.first == UInt8(ascii: "[") else { return text.first == UInt8(ascii: "{") }
    let item = text.dropFirst().first { !ListLine.isBlank($0) && $0 != ListLine.end }
    return item.map { "{[\"]".utf8.contains($0) } ?? true
  }

  /// Input that looks like a list of addresses but is not.
  private static func refusal(_ word: String, _ line: ArraySlice<UInt8>) -> InputError? {
    let text = String(decoding: line, as: UTF8.self)
    if word == "Name:" {
      return InputError(text, "is what ipset list prints", hint: "use ipset save instead")
    }
    if word == "table" {
      return InputError(
        text, "is what nft list prints", hint: "use nft -j list set FAMILY TABLE SET instead")
    }
    if word.first == "*" && word.count > 1 || word == "-P" {
      return InputError(text, "is what iptables-save prints: rules, not addresses")
    }
    return nil
  }
}
