/// The destination ports of an allow key, 1 to 65535.
public enum KeyPorts: Hashable, Sendable {
  case one(UInt16)
  /// More than one.
  case several(NumberSet)

  /// - Parameter numbers: At least one, without 0.
  public init(_ numbers: NumberSet) {
    let first = numbers.ranges[0]
    self = numbers.count == 1 ? .one(first.lowerBound) : .several(numbers)
  }

  /// Reads `80`, `8000-8099` or `80,443,8000-8099`.
  init(_ text: some StringProtocol) throws(InputError) {
    self.init(try NumberSet(text, in: 1...UInt16.max, noun: "a port"))
  }

  /// Reads the same.
  ///
  /// - Throws: An error of this kind, unless the text is of several ports: then what is wrong with one of them.
  init(_ text: Substring, or error: InputError) throws(InputError) {
    let isList = text.utf8.contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "-") }
    guard isList else {
      guard let one = try? KeyPorts(text) else { throw error }
      self = one
      return
    }
    try self.init(text)
  }

  public var numbers: NumberSet {
    switch self {
    case .one(let port): NumberSet([port...port])
    case .several(let numbers): numbers
    }
  }

  /// The only one; nil if there are several.
  public var only: UInt16? { if case .one(let port) = self { port } else { nil } }

  public func contains(_ port: UInt16) -> Bool {
    switch self {
    case .one(let own): own == port
    case .several(let numbers): numbers.contains(port)
    }
  }

  func overlaps(_ other: KeyPorts) -> Bool {
    switch (self, other) {
    case (.one(let port), let ports), (let ports, .one(let port)): ports.contains(port)
    case (.several(let one), .several(let another)):
      one.ranges.contains { range in another.ranges.contains { $0.overlaps(range) } }
    }
  }

  func contains(_ other: KeyPorts) -> Bool {
    switch other {
    case .one(let port): contains(port)
    case .several(let wanted):
      wanted.ranges.allSatisfy { range in
        numbers.ranges.contains {
          $0.lowerBound <= range.lowerBound && $0.upperBound >= range.upperBound
        }
      }
    }
  }

  /// `port 80`, or `ports 80,443`.
  var phrase: String { (only == nil ? "ports " : "port ") + "\(self)" }
}

extension KeyPorts: Comparable {
  /// By their ranges from the lowest on.
  public static func < (left: KeyPorts, right: KeyPorts) -> Bool {
    if let one = left.only, let other = right.only { return one < other }
    let bounds = { (ports: KeyPorts) in
      ports.numbers.ranges.flatMap { [$0.lowerBound, $0.upperBound] }
    }
    return bounds(left).lexicographicallyPrecedes(bounds(right))
  }
}

extension KeyPorts: CustomStringConvertible {
  public var description: String {
    switch self {
    case .one(let port): "\(port)"
    case .several(let numbers): "\(numbers)"
    }
  }
}
