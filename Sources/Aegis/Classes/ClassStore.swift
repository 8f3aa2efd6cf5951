internal import CAegis
internal import Linux

/// The numbers that classes have in the datapath.
enum ClassNumbers {
  /// Those of classes with a name of their own.
  static let all = AEGIS_CLASS_FIRST.rawValue..<AEGIS_CLASSES
  static let foreign = AEGIS_CLASS_FOREIGN.rawValue
}

/// Where the classes of a datapath are: in the kernel, or in this process.
protocol ClassStore {
  func className(_ number: UInt32) throws(AegisError) -> ClassName?
  /// Gives a number to a class, or frees it. Nothing has this number yet, or any more.
  func setClassName(_ name: ClassName?, at number: UInt32) throws(AegisError)
  func countryClasses() throws(AegisError) -> aegis_country_classes
  func setCountryClasses(_ classes: aegis_country_classes) throws(AegisError)
  /// - Parameter number: nil removes the prefix.
  func setClass(_ number: UInt32?, of prefix: Prefix) throws(AegisError)
}

extension ClassStore {
  /// The numbers of all classes, with that of foreign.
  func classNumbers() throws(AegisError) -> [ClassName: UInt32] {
    var numbers: [ClassName: UInt32] = [.foreign: ClassNumbers.foreign]
    for number in ClassNumbers.all {
      if let name = try className(number) { numbers[name] = number }
    }
    return numbers
  }

  /// Gives numbers to classes that have none. They have no addresses yet.
  func add(_ names: [ClassName]) throws(AegisError) {
    let present = try classNumbers()
    var free = ClassNumbers.all.filter { !present.values.contains($0) }[...]
    for name in names where present[name] == nil {
      guard let number = free.popFirst() else {
        throw AegisError(
          .failed, "there is no room for more than \(ClassNumbers.all.count) classes")
      }
      try setClassName(name, at: number)
    }
  }

  /// Frees the numbers of classes, which have neither addresses nor rates any more.
  func forget(_ names: [ClassName]) throws(AegisError) {
    let numbers = try classNumbers()
    for name in names {
      if let number = numbers[name] { try setClassName(nil, at: number) }
    }
  }

  /// Changes which addresses classes have. All countries change in one store.
  ///
  /// Of prefixes in each other the longest comes first and goes last, so that at any moment an address has the class
  /// before or the one after.
  func move(_ changes: [Plan.ClassDifference]) throws(AegisError) {
    let numbers = try classNumbers()
    var classes = try countryClasses()
    for change in changes {
      classes.set(change.before?.countries ?? [], to: AEGIS_CLASS_NONE.rawValue)
    }
    var kept: Set<Prefix> = []
    var coming: [(prefix: Prefix, number: UInt32)] = []
    for change in changes {
      guard let after = change.after, let number = numbers[change.name] else { continue }
      classes.set(after.countries, to: number)
      coming += after.prefixes.subtracting(change.before?.prefixes ?? []).map { ($0, number) }
      kept.formUnion(after.prefixes)
    }
    for (prefix, number) in coming.sorted(by: { $0.prefix.length > $1.prefix.length }) {
      try setClass(number, of: prefix)
    }
    try setCountryClasses(classes)
    let gone = Set(changes.flatMap { $0.before?.prefixes ?? [] }).subtracting(kept)
    for prefix in gone.sorted(by: { $0.length < $1.length }) { try setClass(nil, of: prefix) }
  }
}

extension aegis_country_classes {
  mutating func set(_ countries: Set<CountryCode>, to number: UInt32) {
    withUnsafeMutableBytes(of: &self.number) { numbers in
      for country in countries { numbers[Int(country.rawValue)] = UInt8(number) }
    }
  }

  /// The countries of each class, by its number.
  var countries: [UInt32: Set<CountryCode>] {
    withUnsafeBytes(of: number) { numbers in
      var countries: [UInt32: Set<CountryCode>] = [:]
      for (code, number) in numbers.enumerated() where number != 0 {
        guard let country = CountryCode(rawValue: UInt16(code)) else { continue }
        countries[UInt32(number), default: []].insert(country)
      }
      return countries
    }
  }
}

extension Prefix {
  /// Its key in a trie of both families.
  var classKey: aegis_key_prefix { RateSelector(prefix: self).prefixKey()! }
}

extension HostDatapath: ClassStore {
  func className(_ number: UInt32) throws(AegisError) -> ClassName? {
    let row: aegis_class? = try value(of: number, in: AEGIS_MAP_classes)
    return row.flatMap { ClassName($0) }
  }

  func setClassName(_ name: ClassName?, at number: UInt32) throws(AegisError) {
    try put(name?.row ?? aegis_class(), for: number, in: AEGIS_MAP_classes)
  }

  func countryClasses() throws(AegisError) -> aegis_country_classes {
    try value(of: 0 as UInt32, in: AEGIS_MAP_country_class) ?? aegis_country_classes()
  }

  func setCountryClasses(_ classes: aegis_country_classes) throws(AegisError) {
    try put(classes, for: 0 as UInt32, in: AEGIS_MAP_country_class)
  }

  func setClass(_ number: UInt32?, of prefix: Prefix) throws(AegisError) {
    let key = prefix.classKey
    guard let number else { return try remove(key, in: AEGIS_MAP_class_prefix) }
    try put(
      aegis_class_prefix(number: number, length: key.length), for: key, in: AEGIS_MAP_class_prefix)
  }
}
