internal import BPF
internal import CAegis
internal import Linux

/// Where the lists of a datapath are: in the kernel, or in this process.
protocol ListStore {
  /// The values of all numbers, in order; empty where there are no lists.
  func listRows() throws(AegisError) -> [aegis_list]
  func setList(_ row: aegis_list, at number: UInt16) throws(AegisError)
}

extension ListStore {
  /// The numbers of all lists.
  func listNumbers() throws(AegisError) -> [ListName: UInt16] {
    var numbers: [ListName: UInt16] = [:]
    for (number, row) in try listRows().enumerated() {
      if let name = ListName(row) { numbers[name] = UInt16(number) }
    }
    numbers[.manual] = UInt16(AEGIS_LIST_MANUAL)
    return numbers
  }

  /// nil if there is no such list.
  func number(of name: ListName) throws(AegisError) -> UInt16? {
    name == .manual ? UInt16(AEGIS_LIST_MANUAL) : try listNumbers()[name]
  }

  /// Defines lists, or changes them. A new one has no entries yet.
  ///
  /// - Parameter notes: The numbers of their notes.
  func put(
    _ changes: [Plan.ListDifference], notes: [Note: UInt32],
    making prepare: (UInt16) throws(AegisError) -> Void = { _ throws(AegisError) in }
  ) throws(AegisError) {
    let rows = try listRows()
    var numbers = try listNumbers()
    for change in changes {
      guard let list = change.after else { continue }
      var row = aegis_list()
      var number = numbers[change.name]
      if let number {
        row = rows[Int(number)]
      } else {
        let used = Set(numbers.values)
        number = (1..<UInt16(AEGIS_LISTS)).first { !used.contains($0) }
        guard let number else {
          throw AegisError(.failed, "there is no room for more than \(Policy.mostLists) lists")
        }
        numbers[change.name] = number
        CText.write(change.name.text, to: &row.name)
        try prepare(number)
      }
      row.flags = list.flags
      row.expires = list.expires ?? 0
      row.note = list.note.flatMap { notes[$0] } ?? 0
      try setList(row, at: number!)
    }
  }

  /// Frees the numbers of lists, which have no entries any more.
  func forgetLists(_ names: [ListName]) throws(AegisError) {
    let numbers = try listNumbers()
    for name in names where name != .manual {
      if let number = numbers[name] { try setList(aegis_list(), at: number) }
    }
  }
}

extension Policy {
  /// The most lists that can be defined.
  public static let mostLists = Int(AEGIS_LISTS) - 1

  /// - Throws: `badInput` for too many lists.
  func checkLists(besides present: [ListName: NamedList]) throws(AegisError) {
    guard let lists else { return }
    if Set(lists.keys).union(present.keys).count <= Self.mostLists { return }
    throw AegisError(
      .badInput,
      "there can be no more than \(Self.mostLists) lists, with those that are to be removed")
  }
}

/// The lists of a loaded datapath, or of a saved policy.
public struct ListTable: Sendable {
  let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  /// All of them, without `manual`.
  public func definitions() throws(AegisError) -> [ListName: NamedList] {
    let rows = try listRows()
    var notes: [UInt32: Note]?
    var lists: [ListName: NamedList] = [:]
    for row in rows {
      guard let name = ListName(row) else { continue }
      lists[name] = try NamedList(row) { number throws(AegisError) in
        if notes == nil { notes = try Notes(datapath).all() }
        return notes?[number]
      }
    }
    return lists
  }

  /// The name of each number.
  func names() throws(AegisError) -> [UInt16: ListName] {
    Dictionary(uniqueKeysWithValues: try listNumbers().map { ($0.value, $0.key) })
  }

  /// Whether the layout has lists.
  private var exists: Bool {
    get throws(AegisError) {
      try kernel { () throws(SystemError) in
        try FileSystem.exists(datapath.pin(of: AEGIS_MAP_lists))
      }
    }
  }

  /// Whether there may be any besides `manual`; costs nothing where there is none.
  var isUsed: Bool {
    get throws(AegisError) { try Settings.read(datapath).stages & aegis_stage.lists != 0 }
  }

  func make(_ changes: [Plan.ListDifference], notes: [Note: UInt32]) throws(AegisError) {
    let ends = changes.compactMap { $0.after?.expires }.min()
    try Settings.changeBoth(datapath) { config in
      config.set(aegis_stage.lists, true)
      config.expect(ends)
    }
    try put(changes, notes: notes) { number throws(AegisError) in
      try kernel { () throws(SystemError) in
        for side in datapath.directions {
          try PerCPUMap<aegis_list_counters>(pinnedAt: side.pin(of: AEGIS_MAP_list_counters))
            .set(aegis_list_counters(), at: UInt32(number))
        }
      }
    }
  }

  func remove(_ names: [ListName]) throws(AegisError) {
    // No packet has the number any more when it is given to another list.
    try kernel { () throws(SystemError) in try GracePeriod.wait() }
    try forgetLists(names)
    try settle()
  }

  /// Makes the datapath look only for what exists.
  func settle() throws(AegisError) {
    let isUsed = try listNumbers().count > 1
    try Settings.changeBoth(datapath) { $0.set(aegis_stage.lists, isUsed) }
  }

  /// Counts that a feed was applied to a list, or refused. A list that does not exist counts nothing.
  public func countFeed(of name: ListName, applied isApplied: Bool) throws(AegisError) {
    guard name != .manual, let number = try number(of: name) else { return }
    var row = try listRows()[Int(number)]
    if isApplied {
      row.applied += 1
      row.changed = UInt64(clamping: Clock.realtime())
    } else {
      row.refused += 1
    }
    try setList(row, at: number)
  }
}

extension ListTable: ListStore {
  private func values() throws(SystemError) -> MappedValues<aegis_list> {
    try MappedValues(pinnedAt: datapath.pin(of: AEGIS_MAP_lists))
  }

  func listRows() throws(AegisError) -> [aegis_list] {
    guard try isUsed, try exists else { return [] }
    return try kernel { () throws(SystemError) in
      let values = try values()
      return (0..<values.count).map(values.value(at:))
    }
  }

  func setList(_ row: aegis_list, at number: UInt16) throws(AegisError) {
    try kernel { () throws(SystemError) in
      try values().set(row, at: Int(number))
    }
  }
}

extension HostDatapath: ListStore {
  func listRows() throws(AegisError) -> [aegis_list] {
    guard try config().stages & aegis_stage.lists != 0 else { return [] }
    return try (0..<AEGIS_LISTS).map { number throws(AegisError) in
      try value(of: number, in: AEGIS_MAP_lists) ?? aegis_list()
    }
  }

  func setList(_ row: aegis_list, at number: UInt16) throws(AegisError) {
    try put(row, for: UInt32(number), in: AEGIS_MAP_lists)
  }
}
