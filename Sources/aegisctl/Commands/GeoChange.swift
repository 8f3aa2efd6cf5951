import Aegis

/// Another table of countries in place of the loaded one, or none.
struct GeoChange {
  let table: GeoTable?
  /// nil if it is the loaded one.
  let action: Plan.Item.Action?

  /// - Returns: nil for no file.
  static func table(of paths: [String]) throws -> GeoTable? {
    if paths.isEmpty { return nil }
    return try GeoTable(GeoFile.read(paths))
  }

  /// - Parameter datapath: nil if nothing is loaded yet.
  /// - Throws: If the table has much less than the loaded one.
  init(to table: GeoTable?, of datapath: Datapath?, allowsShrinking: Bool = false) throws {
    self.table = table
    let present = try datapath.map { try GeoStore($0).facts() } ?? nil
    if let table, let present {
      action = present.says(table) ? nil : .changed
      if action != nil, !allowsShrinking { try present.checkShrinking(to: table) }
    } else {
      action = Plan.Item.Action(isBefore: present != nil, isAfter: table != nil)
    }
  }

  var isChanged: Bool { action != nil }

  func make(on datapath: Datapath, in session: borrowing Session) throws {
    if !isChanged { return }
    guard let table else { return try GeoStore(datapath).remove(in: session) }
    try GeoStore(datapath).replace(with: table, in: session)
  }

  /// `254 countries in 385602 IPv4 and 276626 IPv6 ranges`; nil for none.
  var text: String? {
    table.map { table in
      let noun = table.codes.count == 1 ? "country" : "countries"
      return
        "\(table.codes.count) \(noun) in \(table.rangesV4) IPv4 and \(table.rangesV6) IPv6 ranges"
    }
  }
}
