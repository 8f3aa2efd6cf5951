import CAegis
import Testing

@testable import Aegis

/// Whatever moment a packet comes at, its source has the class before or the one after.
@Suite struct ClassMoveTests {
  /// The maps of classes, which tell of each store.
  private final class Store: ClassStore {
    private var names: [UInt32: ClassName] = [:]
    private var countries = aegis_country_classes()
    private var prefixes: [Prefix: UInt32] = [:]
    var changed: () -> Void = {}

    func className(_ number: UInt32) -> ClassName? { names[number] }

    func setClassName(_ name: ClassName?, at number: UInt32) {
      names[number] = name
      changed()
    }

    func countryClasses() -> aegis_country_classes { countries }

    func setCountryClasses(_ classes: aegis_country_classes) {
      countries = classes
      changed()
    }

    func setClass(_ number: UInt32?, of prefix: Prefix) {
      prefixes[prefix] = number
      changed()
    }

    /// As the datapath would find them.
    var classes: [ClassName: AddressClass] {
      var classes: [ClassName: AddressClass] = [:]
      for name in names.values { classes[name] = AddressClass() }
      for (number, countries) in countries.countries {
        if let name = names[number] { classes[name]?.countries = countries }
      }
      for (prefix, number) in prefixes {
        if let name = names[number] { classes[name]?.prefixes.insert(prefix) }
      }
      return classes
    }

    func take(_ steps: [Plan.Step]) throws {
      for step in steps {
        switch step {
        case .nameClasses(let names): try add(names)
        case .classes(let changes): try move(changes)
        case .forgetClasses(let names): try forget(names)
        default: Issue.record("\(step)")
        }
      }
    }
  }

  @Test("of random classes, with prefixes in each other")
  func random() throws {
    var random = SplitMix64(seed: 9)
    let store = Store()
    var old = Policy.initial
    var checked = 0
    for round in 0..<1500 {
      var new = Policy.initial
      new.classes = try random.classes()
      let ends = Probe.all.map { probe in
        Set([old, new].map { probe.className(in: $0.classes ?? [:]) })
      }
      store.changed = { [unowned store] in
        let now = store.classes
        for (probe, ends) in zip(Probe.all, ends) where !ends.contains(probe.className(in: now)) {
          Issue.record("round \(round): \(probe.source) of neither class\n\(old)\n\(new)")
        }
        checked += 1
      }
      try store.take(Plan(from: old, to: new, pruning: true).steps)
      #expect(store.classes == new.classes, "round \(round)")
      old = new
    }
    #expect(checked > 5000)
  }

  @Test("a number that is free again is given to another class")
  func numbers() throws {
    let store = Store()
    let names = try (0..<62).map { try ClassName("c\($0)") }
    try store.add(names)
    #expect(try Set(store.classNumbers().values) == Set(1..<64))
    #expect(throws: AegisError.self) { try store.add([ClassName("more")]) }
    let number = try store.classNumbers()[names[7]]
    try store.forget([names[7]])
    try store.add([ClassName("more")])
    #expect(try store.classNumbers()[ClassName("more")] == number)
    #expect(try store.classNumbers()[names[7]] == nil)
  }
}
