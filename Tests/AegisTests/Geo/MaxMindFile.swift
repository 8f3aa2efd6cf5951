@testable import Aegis

/// A small database in MaxMind's format, written by its specification: version 2.0, records of 24 bits.
struct MaxMindFile {
  private(set) var bytes: [UInt8] = []

  private enum Record: Equatable {
    case empty
    case node(Int)
    case country(String)
  }

  /// - Parameters:
  ///   - alias: Where the IPv4 tree also hangs.
  ///   - claimed: The number of nodes in the metadata; nil for the true one.
  init(
    _ networks: [(String, Int, String)], alias: String?, aliasLength: Int = 0,
    claiming claimed: Int? = nil
  ) throws {
    var nodes: [[Record]] = [[.empty, .empty]]
    func bits(_ text: String) throws -> UInt128 {
      guard case .v6(let bits) = try IPAddress.literal(Substring(text)) else { return 0 }
      return bits
    }
    func put(_ record: Record, at prefix: UInt128, length: Int) {
      var node = 0
      for depth in 0..<length {
        let side = Int(prefix >> UInt128(127 - depth) & 1)
        if depth == length - 1 {
          nodes[node][side] = record
        } else if case .node(let next) = nodes[node][side] {
          node = next
        } else {
          nodes.append([.empty, .empty])
          nodes[node][side] = .node(nodes.count - 1)
          node = nodes.count - 1
        }
      }
    }
    for (text, length, country) in networks {
      put(.country(country), at: try bits(text), length: length)
    }
    if let alias {
      var ipv4 = 0
      for _ in 0..<96 {
        if case .node(let next) = nodes[ipv4][0] { ipv4 = next }
      }
      put(.node(ipv4), at: try bits(alias), length: aliasLength)
    }
    var data: [UInt8] = []
    var offsets: [String: Int] = [:]
    for country in Set(networks.map(\.2)) {
      offsets[country] = data.count
      data += Self.map(1) + Self.text("country") + Self.map(1) + Self.text("iso_code")
      data += Self.text(country)
    }
    for node in nodes {
      for record in node {
        let value =
          switch record {
          case .empty: nodes.count
          case .node(let number): number
          case .country(let country): nodes.count + 16 + offsets[country]!
          }
        bytes += [UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
      }
    }
    bytes += [UInt8](repeating: 0, count: 16) + data
    bytes += [0xab, 0xcd, 0xef] + Array("MaxMind.com".utf8)
    bytes += Self.map(9)
    bytes += Self.text("binary_format_major_version") + Self.number(2, type: 5)
    bytes += Self.text("binary_format_minor_version") + Self.number(0, type: 5)
    bytes += Self.text("build_epoch") + Self.number(1_782_362_039, type: 9)
    bytes += Self.text("database_type") + Self.text("Test-Country")
    bytes += Self.text("description") + Self.map(1) + Self.text("en") + Self.text("a test")
    bytes += Self.text("ip_version") + Self.number(6, type: 5)
    bytes += Self.text("languages") + [0x01, 0x04] + Self.text("en")
    bytes += Self.text("node_count") + Self.number(claimed ?? nodes.count, type: 6)
    bytes += Self.text("record_size") + Self.number(24, type: 5)
  }

  private static func map(_ count: Int) -> [UInt8] { [UInt8(7 << 5 | count)] }

  private static func text(_ text: String) -> [UInt8] {
    let size = text.utf8.count
    return (size < 29 ? [UInt8(2 << 5 | size)] : [2 << 5 | 29, UInt8(size - 29)]) + text.utf8
  }

  /// Types above 7 are extended ones.
  private static func number(_ value: Int, type: Int) -> [UInt8] {
    var octets: [UInt8] = []
    var rest = value
    while rest > 0 {
      octets.insert(UInt8(rest & 255), at: 0)
      rest >>= 8
    }
    let head =
      type > 7 ? [UInt8(octets.count), UInt8(type - 7)] : [UInt8(type << 5 | octets.count)]
    return head + octets
  }
}
