internal import BPF
internal import CAegis
internal import Linux

/// The table of countries that is loaded, in one of two slots: `geo` of the configuration says which.
///
/// A call that is killed leaves the table that was in force, or the new one; what the other slot holds is garbage,
/// which the next call removes.
public struct GeoStore: Sendable {
  /// What is known of the loaded table.
  public struct Facts: Sendable {
    public let files: [GeoTable.Source]
    /// Countries in the table.
    public let codes: Int
    /// In seconds since the Unix epoch.
    public let loadedAt: Int64
    /// In bytes.
    public let memory: UInt64
    fileprivate let hash: UInt64

    public var rangesV4: Int { files.reduce(0) { $0 + $1.rangesV4 } }
    public var rangesV6: Int { files.reduce(0) { $0 + $1.rangesV6 } }
    /// The date of the oldest file with ranges, in seconds since the Unix epoch.
    public var oldest: Int64? {
      files.filter { $0.rangesV4 + $0.rangesV6 > 0 }.map(\.dated).min()
    }

    /// Whether a table is the loaded one.
    public func says(_ table: GeoTable) -> Bool {
      hash == table.hash && files == table.sources.map(\.stored)
    }

    /// Refuses a table that has a third fewer ranges of a family: a file that was cut off looks like that.
    ///
    /// - Throws: `badInput`.
    public func checkShrinking(to table: GeoTable) throws(AegisError) {
      let (v4, v6) = (table.rangesV4, table.rangesV6)
      for (family, before, now) in [("IPv4", rangesV4, v4), ("IPv6", rangesV6, v6)]
      where 3 * now <= 2 * before && before > 0 {
        throw AegisError(
          .badInput, "there are only \(now) \(family) ranges, and the loaded table has \(before)",
          hint: "if the files are complete: aegisctl set-geo --allow-shrink FILE ...")
      }
    }
  }

  private let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  private var root: PinRoot { datapath.root }
  var inner: InnerMaps { InnerMaps(outer: root.map(AEGIS_MAP_geo), directory: root.geo) }

  /// The slot in force; nil if no table is loaded.
  private func slot() throws(AegisError) -> UInt32? {
    let number = try Settings.read(datapath).geo
    return 1...UInt32(AEGIS_GEO_SLOTS) ~= number ? number - 1 : nil
  }

  /// Puts a table in force in place of the one before it, if any.
  public func replace(
    with table: GeoTable, in session: borrowing Session
  ) throws(AegisError) {
    if session.isDryRun { return }
    let old = try slot()
    let new = old == 0 ? 1 : 0 as UInt32
    try clear(new)
    do {
      try fill(new, with: table)
      try describe(table, in: new)
    } catch {
      try? clear(new)
      throw error
    }
    try use(new + 1)
    if let old { try clear(old) }
  }

  /// After this, the country of every address is unknown.
  public func remove(in session: borrowing Session) throws(AegisError) {
    if session.isDryRun { return }
    guard let old = try slot() else { return }
    try use(0)
    try clear(old)
  }

  /// Writes the slot in one store, and waits until no packet is judged by the one before it.
  private func use(_ geo: UInt32) throws(AegisError) {
    try Settings.changeBoth(datapath) { $0.geo = geo }
    try kernel { () throws(SystemError) in try GracePeriod.wait() }
  }

  private func fill(_ slot: UInt32, with table: GeoTable) throws(AegisError) {
    try kernel { () throws(SystemError) in
      let roots = try BPFMap<UInt32, aegis_geo_root>(pinnedAt: root.map(AEGIS_MAP_geo_root))
      for (isIPv6, trie) in [(false, table.v4), (true, table.v6)] {
        let pin = InnerPin(slot: slot, isIPv6: isIPv6)
        try roots.update(Self.parts(of: trie.root, at: pin.index * AEGIS_GEO_ROOT_PARTS))
        if trie.isEmpty { continue }
        let map = try AnyBPFMap.innerArray(
          named: "aegis_geo", of: trie.words, valueSize: MemoryLayout<aegis_geo_node>.size)
        try inner.put(map, at: pin)
      }
    }
  }

  private static func parts(
    of root: [UInt16], at first: UInt32
  ) -> [(key: UInt32, value: aegis_geo_root)] {
    root.withUnsafeBytes { bytes in
      bytes.bindMemory(to: aegis_geo_root.self).enumerated().map { (first + UInt32($0), $1) }
    }
  }

  private func describe(_ table: GeoTable, in slot: UInt32) throws(AegisError) {
    let now = Clock.realtime()
    let infos: BPFMap<UInt32, aegis_geo_file> = try datapath.map(AEGIS_MAP_geo_info)
    try kernel { () throws(SystemError) in
      for (place, source) in table.sources.enumerated() {
        var file = aegis_geo_file(source)
        file.loaded_at = UInt64(clamping: max(now, 1))
        file.memory = UInt64(table.memory)
        file.codes = UInt32(table.codes.count)
        file.hash = table.hash
        try infos.update(file, forKey: slot * UInt32(AEGIS_GEO_FILES) + UInt32(place))
      }
    }
  }
}

extension GeoStore {
  /// nil if no table is loaded.
  public func facts() throws(AegisError) -> Facts? {
    guard let slot = try slot() else { return nil }
    let infos: BPFMap<UInt32, aegis_geo_file> = try datapath.map(AEGIS_MAP_geo_info)
    let rows = try kernel { () throws(SystemError) in
      var rows: [aegis_geo_file] = []
      for place in 0..<UInt32(AEGIS_GEO_FILES) {
        guard let row = try infos.value(forKey: slot * UInt32(AEGIS_GEO_FILES) + place),
          row.loaded_at != 0
        else { break }
        rows.append(row)
      }
      return rows
    }
    return Facts(
      files: rows.map(GeoTable.Source.init), codes: Int(rows.first?.codes ?? 0),
      loadedAt: Int64(clamping: rows.first?.loaded_at ?? 0), memory: rows.first?.memory ?? 0,
      hash: rows.first?.hash ?? 0)
  }

  /// The country of an address by the loaded table, and the file that says so; nil if it is unknown.
  public func country(
    of address: IPAddress
  ) throws(AegisError) -> (country: CountryCode, file: GeoTable.Source?)? {
    let found = try HostDatapath(over: datapath).country(of: address)
    guard let found else { return nil }
    let files = try facts()?.files ?? []
    return (found.country, found.file < files.count ? files[found.file] : nil)
  }
}

extension GeoStore: InnerTables {
  var used: [InnerPin] {
    get throws(AegisError) {
      let slot = try slot()
      return InnerPin.all.filter { $0.slot == slot }
    }
  }

  /// Empties the slots that are not in force.
  func clearUnused() throws(AegisError) {
    for slot in Set(try unused().map(\.slot)) { try clear(slot) }
  }

  private func clear(_ slot: UInt32) throws(AegisError) {
    let infos: BPFMap<UInt32, aegis_geo_file> = try datapath.map(AEGIS_MAP_geo_info)
    try kernel { () throws(SystemError) in
      let first = slot * UInt32(AEGIS_GEO_FILES)
      for place in first..<first + UInt32(AEGIS_GEO_FILES) {
        guard let row = try infos.value(forKey: place), row.loaded_at != 0 else { continue }
        try infos.update(aegis_geo_file(), forKey: place)
      }
      try inner.clear(InnerPin.all.filter { $0.slot == slot })
    }
  }
}

extension aegis_geo_file {
  fileprivate init(_ source: GeoTable.Source) {
    self.init()
    dated = UInt64(clamping: source.dated)
    ranges_v4 = UInt32(source.rangesV4)
    ranges_v6 = UInt32(source.rangesV6)
    format = source.format.rawValue
    has_date = source.hasDate ? 1 : 0
    CText.write(source.name, to: &name)
  }
}

extension GeoTable.Source {
  /// As it is read back.
  fileprivate var stored: GeoTable.Source { GeoTable.Source(aegis_geo_file(self)) }

  fileprivate init(_ file: aegis_geo_file) {
    self.init(
      name: CText.read(file.name), format: GeoFormat(rawValue: file.format) ?? .ranges,
      dated: Int64(clamping: file.dated), hasDate: file.has_date != 0,
      rangesV4: Int(file.ranges_v4), rangesV6: Int(file.ranges_v6))
  }
}
