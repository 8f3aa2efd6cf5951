/// An element of a set: a plain value, or a value with its timeout and comment.
struct NFTElement: Decodable {
  let value: NFTValue
  /// A limit on the element, so that it only sometimes matches.
  let condition: String?
  /// Seconds.
  let timeout: UInt64?
  /// Remaining seconds.
  let expires: UInt64?
  let comment: String?

  private enum Keys: CodingKey { case elem }

  private struct Timed: Decodable {
    let val: NFTValue
    let timeout: UInt64?
    let expires: UInt64?
    let comment: String?
  }

  private enum Conditions: String, CodingKey, CaseIterable {
    case limit, quota
    case connections = "ct count"
  }

  init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: Keys.self), container.contains(.elem) {
      let timed = try container.decode(Timed.self, forKey: .elem)
      (value, timeout, expires) = (timed.val, timed.timeout, timed.expires)
      comment = timed.comment
      let statements = try container.nestedContainer(keyedBy: Conditions.self, forKey: .elem)
      condition = Conditions.allCases.first(where: statements.contains)?.rawValue
    } else {
      value = try NFTValue(from: decoder)
      (timeout, expires, comment, condition) = (nil, nil, nil, nil)
    }
  }
}

enum NFTValue: Decodable {
  case single(String)
  case prefix(address: String, length: Int)
  case range(String, String)

  private enum Keys: CodingKey { case prefix, range }

  private struct Parts: Decodable {
    let addr: String
    let len: Int
  }

  init(from decoder: any Decoder) throws {
    guard let container = try? decoder.container(keyedBy: Keys.self) else {
      self = .single(try decoder.singleValueContainer().decode(String.self))
      return
    }
    if container.contains(.prefix) {
      let parts = try container.decode(Parts.self, forKey: .prefix)
      self = .prefix(address: parts.addr, length: parts.len)
      return
    }
    let ends = try container.decode([String].self, forKey: .range)
    guard ends.count == 2 else {
      throw DecodingError.dataCorruptedError(
        forKey: .range, in: container, debugDescription: "a range has two ends")
    }
    self = .range(ends[0], ends[1])
  }

  func elements<Element: ListElement>(
    _ options: ListOptions, noting notes: inout [InputNote]
  ) throws(InputError) -> [Element] {
    switch self {
    case .single(let text): return try AddressRange.elements(text, noting: &notes)
    case .prefix(let address, let length):
      let text = "\(address)/\(length)"
      return [Element(source: try Prefix(options.masked(text), noting: &notes))]
    case .range(let first, let last):
      return try AddressRange.prefixes(from: first[...], to: last[...], of: "\(first)-\(last)")
        .map(Element.init(source:))
    }
  }
}
