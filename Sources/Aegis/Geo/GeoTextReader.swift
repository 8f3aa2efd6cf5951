/// Reads files of ranges, by line.
struct GeoTextReader {
  private static let comma = UInt8(ascii: ",")

  var contents = GeoContents()
  /// The countries of GeoLite2's places.
  let locations: [UInt64: UInt16]

  static func read(
    _ file: GeoFile, as format: GeoFormat, locations: [UInt64: UInt16] = [:]
  ) throws(AegisError) -> GeoContents {
    let result = file.bytes.withUnsafeBufferPointer { bytes in
      Result { () throws(AegisError) in
        var reader = GeoTextReader(locations: locations)
        var lines = GeoLines(bytes, name: file.name)
        switch format {
        case .delegated: try reader.readDelegated(&lines)
        case .geoLite: try reader.readBlocks(&lines)
        case .ranges, .locations, .maxMind: try reader.readRanges(&lines)
        }
        return reader.contents
      }
    }
    return try result.get()
  }

  private mutating func readRanges(_ lines: inout GeoLines) throws(AegisError) {
    while let line = try lines.next() {
      guard let one = line.firstIndex(of: Self.comma),
        let two = line.firstIndex(of: Self.comma, from: one + 1)
      else { throw lines.error(line.text, "is not START,END,COUNTRY") }
      let start = line[0..<one].trimmed
      let end = line[one + 1..<two].trimmed
      let country = line[two + 1..<line.count].trimmed
      guard let first = start.address else { throw lines.error(start.text, "is not an address") }
      guard let last = end.address else { throw lines.error(end.text, "is not an address") }
      guard let code = CountryCode(ascii: country) else {
        throw lines.error(country.text, "is not a country of two letters")
      }
      guard contents.append(first, last, code) else {
        throw lines.error(
          line.text, "is not a range of one family, from its first address to its last")
      }
    }
    contents.dated = lines.dated
  }

  /// Only what is allocated or assigned to somebody.
  private mutating func readDelegated(_ lines: inout GeoLines) throws(AegisError) {
    while let line = try lines.next() {
      guard let fields = line.split(at: UInt8(ascii: "|"), most: 16), fields.count >= 6 else {
        throw lines.error(
          line.text, "is not REGISTRY|COUNTRY|TYPE|START|COUNT|DATE|STATUS")
      }
      // The header begins with the version of the format.
      if fields[0].number != nil || fields[0].isEqual("2.3") {
        if contents.dated == nil { contents.dated = GeoDate.read(digits: fields[5]) }
        continue
      }
      let isSummary = fields[5].isEqual("summary") || fields[1].isEqual("*")
      if isSummary || fields[2].isEqual("asn") { continue }
      guard fields.count >= 7 else { throw lines.error(line.text, "has no status") }
      guard fields[6].isEqual("allocated") || fields[6].isEqual("assigned") else { continue }
      guard let code = CountryCode(ascii: fields[1]) else {
        throw lines.error(fields[1].text, "is not a country of two letters")
      }
      guard let first = fields[3].address,
        let last = Self.last(first, fields[2], fields[4].number),
        contents.append(first, last, code)
      else { throw lines.error(line.text, "is not a range of addresses") }
    }
  }

  private static func last(_ first: IPAddress, _ type: GeoField, _ count: UInt64?) -> IPAddress? {
    guard let count else { return nil }
    switch first {
    case .v4(let bits) where type.isEqual("ipv4"):
      guard count > 0, count - 1 <= UInt64(UInt32.max - bits) else { return nil }
      return .v4(bits + UInt32(count - 1))
    case .v6(let bits) where type.isEqual("ipv6"):
      guard 1...128 ~= count else { return nil }
      let host: UInt128 = .max >> UInt128(count)
      return bits & host == 0 ? .v6(bits | host) : nil
    default: return nil
    }
  }

  private mutating func readBlocks(_ lines: inout GeoLines) throws(AegisError) {
    guard let header = try lines.next()?.split(at: Self.comma, most: 64),
      let place = header.firstIndex(where: { $0.isEqual("geoname_id") })
    else { return }
    let registered = header.firstIndex { $0.isEqual("registered_country_geoname_id") }
    while let line = try lines.next() {
      guard let fields = line.split(at: Self.comma, most: 64), fields.count == header.count else {
        throw lines.error(line.text, "does not have the \(header.count) fields of the header")
      }
      guard let (first, last) = Self.network(fields[0]) else {
        throw lines.error(fields[0].text, "is not a network")
      }
      var code: UInt16 = 0
      for column in [place, registered] {
        guard code == 0, let column, fields[column].count > 0 else { continue }
        guard let id = fields[column].number, let known = locations[id] else {
          throw lines.error(
            fields[column].text, "is a place that no Locations file has",
            hint: "add GeoLite2-Country-Locations-en.csv of the same release")
        }
        code = known
      }
      guard let code = CountryCode(rawValue: code), contents.append(first, last, code) else {
        throw lines.error(line.text, "is not a range of addresses")
      }
    }
  }

  private static func network(_ field: GeoField) -> (IPAddress, IPAddress)? {
    guard let slash = field.firstIndex(of: UInt8(ascii: "/")),
      let length = field[slash + 1..<field.count].number
    else { return nil }
    switch field[0..<slash].address {
    case .v4(let bits)?:
      guard length <= 32 else { return nil }
      let host = length == 32 ? 0 : UInt32.max >> UInt32(length)
      return bits & host == 0 ? (.v4(bits), .v4(bits | host)) : nil
    case .v6(let bits)?:
      guard length <= 128 else { return nil }
      let host = length == 128 ? 0 : UInt128.max >> UInt128(length)
      return bits & host == 0 ? (.v6(bits), .v6(bits | host)) : nil
    case nil: return nil
    }
  }

  /// The countries in a Locations file, by place.
  static func locations(_ file: GeoFile) throws(AegisError) -> [UInt64: UInt16] {
    let result = file.bytes.withUnsafeBufferPointer { bytes in
      Result { () throws(AegisError) in try locations(GeoLines(bytes, name: file.name)) }
    }
    return try result.get()
  }

  private static func locations(_ given: GeoLines) throws(AegisError) -> [UInt64: UInt16] {
    var lines = given
    var places: [UInt64: UInt16] = [:]
    guard let header = try lines.next()?.split(at: comma, most: 64),
      let place = header.firstIndex(where: { $0.isEqual("geoname_id") }),
      let country = header.firstIndex(where: { $0.isEqual("country_iso_code") })
    else { throw lines.error("", "has no column country_iso_code") }
    while let line = try lines.next() {
      guard let fields = line.split(at: comma, most: 64), fields.count == header.count else {
        throw lines.error(line.text, "does not have the \(header.count) fields of the header")
      }
      guard let id = fields[place].number else {
        throw lines.error(fields[place].text, "is not the number of a place")
      }
      guard let code = CountryCode(ascii: fields[country]) else {
        throw lines.error(fields[country].text, "is not a country of two letters")
      }
      places[id] = code.rawValue
    }
    return places
  }
}
