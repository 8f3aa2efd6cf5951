internal import CLibMaxMind

/// A database in MaxMind's format, read by libmaxminddb.
final class GeoDatabase {
  /// A longer reading is given up, in seconds.
  private static let patience = Duration.seconds(10)

  private let database: OpaquePointer
  private let name: String

  static func isDatabase(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { geo_database_is($0.baseAddress, $0.count) != 0 }
  }

  private init(_ file: GeoFile) throws(AegisError) {
    name = file.name
    var opened: OpaquePointer?
    let result = file.bytes.withUnsafeBytes { geo_database_open($0.baseAddress, $0.count, &opened) }
    guard result == 0, let opened else { throw Self.error(file.name, result) }
    database = opened
  }

  deinit { geo_database_close(database) }

  static func read(_ file: GeoFile) throws(AegisError) -> GeoContents {
    try GeoDatabase(file).contents()
  }

  private func contents() throws(AegisError) -> GeoContents {
    var contents = GeoContents()
    contents.dated = Int64(clamping: geo_database_built(database))
    let isIPv6 = geo_database_version(database) == 6
    let nodes = geo_database_nodes(database)
    let ipv4 = geo_database_ipv4_node(database)
    var known: [UInt64: UInt16] = [:]
    var visited: UInt32 = 0
    let start = ContinuousClock.now
    var open: [(node: UInt32, prefix: UInt128, depth: Int)] = nodes > 0 ? [(0, 0, 0)] : []
    while let (node, prefix, depth) = open.popLast() {
      visited += 1
      // Each node is visited once, unless they form no tree.
      guard visited <= nodes, depth < (isIPv6 ? 128 : 32) else {
        throw AegisError(.badInput, "\(name) is damaged: its search tree has a loop")
      }
      if visited & 0xfff == 0, start.duration(to: .now) > Self.patience {
        throw AegisError(.badInput, "\(name) takes more than \(Self.patience) to read")
      }
      var read = geo_node()
      let result = geo_database_node(database, node, &read)
      if result != 0 { throw Self.error(name, result) }
      let bit = UInt128(1) << UInt128(127 - depth)
      for (prefix, kind, value) in [
        (prefix | bit, read.kind.1, read.value.1), (prefix, read.kind.0, read.value.0),
      ] {
        switch kind {
        case GEO_RECORD_NODE:
          // The IPv4 tree also hangs where IPv6 addresses contain IPv4 ones.
          if isIPv6, value == UInt64(ipv4), prefix != 0 { continue }
          open.append((UInt32(truncatingIfNeeded: value), prefix, depth + 1))
        case GEO_RECORD_EMPTY: continue
        case GEO_RECORD_DATA:
          var code = known[value]
          if code == nil {
            code = try country(value)
            known[value] = code
          }
          try append(prefix, length: depth + 1, code ?? 0, isIPv6, to: &contents)
        default: throw AegisError(.badInput, "\(name) is damaged: a record refers to nothing")
        }
      }
    }
    return contents
  }

  private func append(
    _ prefix: UInt128, length: Int, _ code: UInt16, _ isIPv6: Bool, to contents: inout GeoContents
  ) throws(AegisError) {
    guard let code = CountryCode(rawValue: code), code != .unknown else { return }
    let last = prefix | (length == 128 ? 0 : UInt128.max >> UInt128(length))
    if !isIPv6 {
      contents.v4.append(prefix, last, code)
    } else if prefix >> 32 == 0, length >= 96 {
      contents.v4.append(prefix << 96, last << 96 | ((1 << 96) - 1), code)
    } else {
      contents.v6.append(prefix, last, code)
    }
    guard contents.v4.count + contents.v6.count <= GeoLines.most else {
      throw AegisError(.badInput, "\(name) has more than \(GeoLines.most) networks")
    }
  }

  private func country(_ data: UInt64) throws(AegisError) -> UInt16 {
    var text: UnsafePointer<CChar>?
    let length = geo_database_country(database, data, &text)
    guard length >= 0 else { throw Self.error(name, -length) }
    guard let text, length > 0 else { return 0 }
    return text.withMemoryRebound(to: UInt8.self, capacity: Int(length)) { bytes in
      let field = GeoField(UnsafeBufferPointer(start: bytes, count: Int(length)))
      return CountryCode(ascii: field)?.rawValue ?? 0
    }
  }

  private static func error(_ name: String, _ code: CInt) -> AegisError {
    AegisError(
      .badInput, "\(name) cannot be read: \(String(cString: geo_database_error(code)))")
  }
}
