/// The formats of files with countries, recognized by their contents.
public enum GeoFormat: UInt16, Sendable, CaseIterable {
  /// `start,end,CC` by line, as in tor's geoip and geoip6 and in DB-IP's CSV.
  case ranges = 1
  /// `registry|cc|type|start|count|date|status` by line: a delegated file of a regional registry.
  case delegated
  /// The Blocks files of GeoLite2 CSV, whose countries are in a Locations file.
  case geoLite
  /// The Locations files of GeoLite2 CSV.
  case locations
  /// A database in the format of MaxMind.
  case maxMind

  public var name: String {
    switch self {
    case .ranges: "ranges"
    case .delegated: "delegated"
    case .geoLite: "geolite2"
    case .locations: "geolite2-locations"
    case .maxMind: "mmdb"
    }
  }

  static func detect(_ file: GeoFile) throws(AegisError) -> GeoFormat {
    if GeoDatabase.isDatabase(file.bytes) { return .maxMind }
    let (name, bytes) = (file.name, file.bytes)
    // gzip, zip, xz, zstd, bzip2
    let compressed: [[UInt8]] = [
      [0x1f, 0x8b], [0x50, 0x4b, 3, 4], [0xfd, 0x37, 0x7a], [0x28, 0xb5, 0x2f, 0xfd],
      [0x42, 0x5a, 0x68],
    ]
    if compressed.contains(where: { bytes.starts(with: $0) }) {
      throw AegisError(.badInput, "\(name) is compressed", hint: "unpack it first")
    }
    let result = bytes.withUnsafeBufferPointer { bytes in
      Result { () throws(AegisError) in try detect(bytes, name) }
    }
    return try result.get()
  }

  private static func detect(
    _ bytes: UnsafeBufferPointer<UInt8>, _ name: String
  ) throws(AegisError) -> GeoFormat {
    var lines = GeoLines(bytes, name: name)
    guard let line = try lines.next() else {
      throw AegisError(.badInput, "\(name) has no ranges")
    }
    if line.firstIndex(of: UInt8(ascii: "|")) != nil { return .delegated }
    let fields = line.split(at: UInt8(ascii: ","), most: 64) ?? []
    if fields.contains(where: { $0.isEqual("geoname_id") }) {
      return fields[0].isEqual("network") ? .geoLite : .locations
    }
    if fields.count == 3, fields[0].address != nil { return .ranges }
    throw lines.error(
      line.text, "is not the start of a known format",
      hint:
        "known are tor's geoip, DB-IP CSV, GeoLite2 CSV, delegated lists of registries, and MMDB")
  }
}
