internal import BPF
internal import CAegis
internal import Linux

/// The classes of a loaded datapath, or of a saved policy.
public struct ClassTable: Sendable {
  let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  /// All of them, without foreign.
  public func definitions() throws(AegisError) -> [ClassName: AddressClass] {
    if try !exists { return [:] }
    let names = try names()
    var classes: [ClassName: AddressClass] = [:]
    for name in names.values where name != .foreign { classes[name] = AddressClass() }
    for (number, countries) in try countryClasses().countries {
      if let name = names[number] { classes[name]?.countries = countries }
    }
    for (prefix, number) in try prefixes() {
      if let name = names[number] { classes[name]?.prefixes.insert(prefix) }
    }
    return classes
  }

  /// The name of each number, with foreign.
  func names() throws(AegisError) -> [UInt32: ClassName] {
    if try !exists { return [ClassNumbers.foreign: .foreign] }
    return Dictionary(uniqueKeysWithValues: try classNumbers().map { ($0.value, $0.key) })
  }

  /// Whether the layout has classes.
  private var exists: Bool {
    get throws(AegisError) {
      try kernel { () throws(SystemError) in
        try FileSystem.exists(datapath.pin(of: AEGIS_MAP_classes))
      }
    }
  }

  private func prefixes() throws(AegisError) -> [(Prefix, UInt32)] {
    let map = try prefixMap()
    return try kernel { () throws(SystemError) in
      var prefixes: [(Prefix, UInt32)] = []
      try map.visit { key, value in
        if let prefix = key.prefix { prefixes.append((prefix, value.number)) }
      }
      return prefixes
    }
  }

  private func prefixMap() throws(AegisError) -> BPFMap<aegis_key_prefix, aegis_class_prefix> {
    try datapath.map(AEGIS_MAP_class_prefix)
  }
}

extension ClassTable {
  /// Names classes, so that rates can be for them. They have no addresses yet, and their counters are zero.
  func make(_ names: [ClassName]) throws(AegisError) {
    try add(names)
    try Settings.changeBoth(datapath) { $0.set(aegis_stage.classes, true) }
  }

  func make(_ changes: [Plan.ClassDifference]) throws(AegisError) {
    if changes.contains(where: { $0.after?.prefixes.isEmpty == false }) {
      try Settings.changeBoth(datapath) { $0.set(aegis_stage.classPrefixes, true) }
    }
    try move(changes)
    try settle()
  }

  func remove(_ names: [ClassName]) throws(AegisError) {
    // No packet has the number any more when it is given to another class.
    try kernel { () throws(SystemError) in try GracePeriod.wait() }
    try forget(names)
    try settle()
  }

  /// Makes the datapath look only for what exists.
  func settle() throws(AegisError) {
    if try !exists { return }
    let isNamed = try classNumbers().count > 1
    let map = try prefixMap()
    var isRuled = false
    var rated: Set<Direction> = []
    for view in try datapath.views {
      let rules = try RuleTable(view).rules()
      isRuled = isRuled || rules.contains { $0.namesClasses }
      if try Settings.read(view).rate_shapes & AEGIS_RATE_BY_CLASS.rawValue != 0 {
        rated.insert(view.direction)
      }
    }
    let hasPrefixes = try kernel { () throws(SystemError) in try !map.isEmpty() }
    for side in datapath[profile: .main].directions {
      try Settings.change(side) { config in
        config.set(
          aegis_stage.classes, isNamed || isRuled || rated.contains(side.direction))
        config.set(aegis_stage.classPrefixes, hasPrefixes)
      }
    }
  }
}

extension ClassTable: ClassStore {
  private func rows() throws(AegisError) -> BPFMap<UInt32, aegis_class> {
    try datapath.map(AEGIS_MAP_classes)
  }

  private func countries() throws(AegisError) -> BPFMap<UInt32, aegis_country_classes> {
    try datapath.map(AEGIS_MAP_country_class)
  }

  func className(_ number: UInt32) throws(AegisError) -> ClassName? {
    let map = try rows()
    return try kernel { () throws(SystemError) in try map.value(forKey: number) }
      .flatMap { ClassName($0) }
  }

  func classNumbers() throws(AegisError) -> [ClassName: UInt32] {
    let map = try rows()
    var numbers: [ClassName: UInt32] = [.foreign: ClassNumbers.foreign]
    try kernel { () throws(SystemError) in
      try map.visit { number, row in
        if ClassNumbers.all.contains(number), let name = ClassName(row) { numbers[name] = number }
      }
    }
    return numbers
  }

  func setClassName(_ name: ClassName?, at number: UInt32) throws(AegisError) {
    let map = try rows()
    try kernel { () throws(SystemError) in
      if name != nil {
        for side in datapath.directions {
          try PerCPUMap<aegis_class_counters>(pinnedAt: side.pin(of: AEGIS_MAP_class_counters))
            .set(aegis_class_counters(), at: number)
        }
      }
      try map.update(name?.row ?? aegis_class(), forKey: number)
    }
  }

  func countryClasses() throws(AegisError) -> aegis_country_classes {
    let map = try countries()
    return try kernel { () throws(SystemError) in try map.value(forKey: 0) }
      ?? aegis_country_classes()
  }

  func setCountryClasses(_ classes: aegis_country_classes) throws(AegisError) {
    let map = try countries()
    try kernel { () throws(SystemError) in try map.update(classes, forKey: 0) }
  }

  func setClass(_ number: UInt32?, of prefix: Prefix) throws(AegisError) {
    let map = try prefixMap()
    let key = prefix.classKey
    do {
      guard let number else {
        try map.remove(key)
        return
      }
      try map.update(aegis_class_prefix(number: number, length: key.length), forKey: key)
    } catch {
      guard error.isFull else { throw AegisError(error) }
      throw AegisError(
        .failed, "there is no room for more than \(AEGIS_CLASS_PREFIXES) prefixes of classes")
    }
  }
}
