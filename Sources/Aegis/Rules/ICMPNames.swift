extension ICMPKinds: CustomStringConvertible {
  /// Names as nft has them, and the types of RFC 792 and RFC 4443 (with those of neighbour discovery and MLD).
  private static let names: [(name: String, v4: UInt8?, v6: UInt8?)] = [
    ("echo-reply", 0, 129), ("destination-unreachable", 3, 1), ("source-quench", 4, nil),
    ("redirect", 5, 137), ("echo-request", 8, 128), ("router-advertisement", 9, 134),
    ("router-solicitation", 10, 133), ("time-exceeded", 11, 3), ("parameter-problem", 12, 4),
    ("timestamp-request", 13, nil), ("timestamp-reply", 14, nil), ("info-request", 15, nil),
    ("info-reply", 16, nil), ("address-mask-request", 17, nil), ("address-mask-reply", 18, nil),
    ("packet-too-big", nil, 2), ("mld-listener-query", nil, 130),
    ("mld-listener-report", nil, 131), ("mld-listener-done", nil, 132),
    ("neighbour-solicitation", nil, 135), ("neighbour-advertisement", nil, 136),
    ("mld2-listener-report", nil, 143),
  ]

  /// Reads types with commas between them, each a name or a number, and perhaps `/CODE`. A number is the type of both
  /// families.
  init(_ text: some StringProtocol) throws(InputError) {
    var kinds: [Kind] = []
    let parts = Substring(String(text)).split(separator: ",", omittingEmptySubsequences: false)
    for part in parts {
      let (type, code) = part.split(at: "/")
      let known = Self.names.first { $0.name == type.replacing("neighbor", with: "neighbour") }
      let number = try code.map { code throws(InputError) in try Self.number(code, of: part) }
      if let known {
        kinds.append(Kind(v4: known.v4, v6: known.v6, code: number))
      } else {
        let type = try Self.number(type, of: part)
        kinds.append(Kind(v4: type, v6: type, code: number))
      }
    }
    self.init(kinds)
  }

  private static func number(_ text: Substring, of part: Substring) throws(InputError) -> UInt8 {
    guard let number = UInt64(digits: text), let number = UInt8(exactly: number) else {
      throw InputError(
        part, "is not a type of ICMP messages",
        hint: "write a name such as echo-request, or a number from 0 to 255, and perhaps /CODE")
    }
    return number
  }

  /// All names.
  public static let allNames = names.map(\.name)

  public var description: String { kinds.map(\.text).joined(separator: ",") }
}

extension ICMPKinds.Kind {
  fileprivate var text: String {
    let name = ICMPKinds.name(v4: v4, v6: v6) ?? (v4 ?? v6).map { "\($0)" } ?? ""
    return name + (code.map { "/\($0)" } ?? "")
  }
}

extension ICMPKinds {
  fileprivate static func name(v4: UInt8?, v6: UInt8?) -> String? {
    if v4 == v6 { return nil }
    return names.first { $0.v4 == v4 && $0.v6 == v6 }?.name
  }
}

/// The names of values of the DSCP (RFC 2474, RFC 2597, RFC 3246, RFC 5865, RFC 8622).
enum DSCP {
  static func number(_ name: Substring) -> UInt16? { names[name.lowercased()] }

  static func name(_ number: UInt16) -> String? { byNumber[number] }

  private static let names: [String: UInt16] = {
    var names: [String: UInt16] = ["ef": 46, "va": 44, "le": 1]
    for level in 0...7 as ClosedRange<UInt16> { names["cs\(level)"] = level << 3 }
    for level in 1...4 as ClosedRange<UInt16> {
      for drop in 1...3 as ClosedRange<UInt16> {
        names["af\(level)\(drop)"] = level << 3 | drop << 1
      }
    }
    return names
  }()

  private static let byNumber = Dictionary(uniqueKeysWithValues: names.map { ($1, $0) })
}
