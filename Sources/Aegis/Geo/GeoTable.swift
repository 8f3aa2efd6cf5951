internal import CAegis
internal import Linux

/// The country of every address, compiled for the datapath.
public struct GeoTable: Sendable {
  /// A file that a table was made of.
  public struct Source: Sendable, Equatable {
    public let name: String
    public let format: GeoFormat
    /// The date in the file itself, or else when it was last written; seconds since the Unix epoch.
    public let dated: Int64
    /// Whether the date is from the file itself.
    public let hasDate: Bool
    /// Ranges in the file.
    public let rangesV4: Int
    public let rangesV6: Int
  }

  public let sources: [Source]
  let v4: GeoTrie
  let v6: GeoTrie
  /// The countries that it has.
  public let codes: Set<CountryCode>

  /// Differs between two tables that differ in any address, or in which file said so.
  var hash: UInt64 { Layout.fnv1a((v4.words + v6.words).lazy.map(UInt64.init)) }

  public var rangesV4: Int { sources.reduce(0) { $0 + $1.rangesV4 } }
  public var rangesV6: Int { sources.reduce(0) { $0 + $1.rangesV6 } }

  /// Bytes that it takes in the kernel.
  public var memory: Int { v4.memory + v6.memory }

  /// Reads files in any order of formats. A file decides over those before it wherever it knows a country; within a
  /// file, the smallest range decides, and of equal ones the last.
  public init(_ files: [GeoFile]) throws(AegisError) {
    try Self.check(files.count)
    var formats: [GeoFormat] = []
    for file in files { formats.append(try GeoFormat.detect(file)) }
    var locations: [UInt64: UInt16] = [:]
    for (file, format) in zip(files, formats) where format == .locations {
      locations.merge(try GeoTextReader.locations(file)) { _, new in new }
    }
    if let index = formats.firstIndex(of: .geoLite), locations.isEmpty {
      throw AegisError(
        .badInput, "\(files[index].name) needs the Locations file of the same release",
        hint: "add GeoLite2-Country-Locations-en.csv")
    }
    if !formats.isEmpty, formats.allSatisfy({ $0 == .locations }) {
      throw AegisError(
        .badInput, "\(files[0].name) has names of countries, but no addresses",
        hint: "add GeoLite2-Country-Blocks-IPv4.csv and GeoLite2-Country-Blocks-IPv6.csv")
    }
    var (v4, v6) = (GeoSteps(), GeoSteps())
    var sources: [Source] = []
    for (file, format) in zip(files, formats) {
      var contents = GeoContents()
      switch format {
      case .locations: break
      case .maxMind: contents = try GeoDatabase.read(file)
      case .ranges, .delegated, .geoLite:
        contents = try GeoTextReader.read(file, as: format, locations: locations)
      }
      v4 = Self.finished(contents.v4, of: sources.count).over(v4)
      v6 = Self.finished(contents.v6, of: sources.count).over(v6)
      sources.append(Source(file, format, contents))
    }
    guard !v4.isEmpty || !v6.isEmpty else {
      let names = files.map(\.name).joined(separator: ", ")
      throw AegisError(.badInput, "\(names.isEmpty ? "no file" : names) has no country")
    }
    try self.init(v4, v6, sources: sources)
  }

  /// - Throws: `badInput` if a table cannot be made of so many files.
  static func check(_ files: Int) throws(AegisError) {
    guard files <= Int(AEGIS_GEO_FILES) else {
      throw AegisError(.badInput, "a table is made of at most \(AEGIS_GEO_FILES) files")
    }
  }

  init(_ v4: GeoSteps, _ v6: GeoSteps, sources: [Source]) throws(AegisError) {
    self.v4 = try GeoTrie(v4)
    self.v6 = try GeoTrie(v6)
    self.sources = sources
    codes = Set(
      Set(v4.codes).union(v6.codes).compactMap { CountryCode(rawValue: $0 & CountryCode.mask) }
        .filter { $0 != .unknown }
    )
  }

  /// - Parameter file: The place of the file among the sources.
  private static func finished(_ ranges: GeoRanges, of file: Int) -> GeoSteps {
    var steps = ranges.steps()
    steps.finish()
    steps.tag(UInt16(file) << UInt16(AEGIS_GEO_CODE_BITS))
    return steps
  }
}

extension GeoTable.Source {
  fileprivate init(_ file: GeoFile, _ format: GeoFormat, _ contents: GeoContents) {
    self.init(
      name: file.path, format: format, dated: contents.dated ?? file.modified,
      hasDate: contents.dated != nil, rangesV4: contents.v4.count, rangesV6: contents.v6.count)
  }
}
