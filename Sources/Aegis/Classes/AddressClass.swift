internal import CAegis

/// Which addresses have a class. The longest prefix that contains an address decides, or else its country.
public struct AddressClass: Hashable, Sendable {
  public var countries: Set<CountryCode>
  public var prefixes: Set<Prefix>

  public init(countries: Set<CountryCode> = [], prefixes: Set<Prefix> = []) {
    self.countries = countries
    self.prefixes = prefixes
  }

  public var isEmpty: Bool { countries.isEmpty && prefixes.isEmpty }
}

extension AddressClass: CustomStringConvertible {
  /// `AT, DE, 192.0.2.0/24`, or `nothing`.
  public var description: String {
    let members = countries.sorted().map { "\($0)" } + prefixes.sorted().map { "\($0)" }
    return members.isEmpty ? "nothing" : members.joined(separator: ", ")
  }
}

extension [ClassName: AddressClass] {
  /// Something that two classes claim.
  struct Conflict {
    let member: String
    /// In the order of their names.
    let classes: (ClassName, ClassName)
  }

  /// The first one, in the order of the names of classes.
  var conflict: Conflict? {
    var countries: [CountryCode: ClassName] = [:]
    var prefixes: [Prefix: ClassName] = [:]
    for (name, members) in sorted(by: { $0.key < $1.key }) {
      for country in members.countries.sorted() {
        if let other = countries.updateValue(name, forKey: country) {
          return Conflict(member: "country \(country)", classes: (other, name))
        }
      }
      for prefix in members.prefixes.sorted() {
        if let other = prefixes.updateValue(name, forKey: prefix) {
          return Conflict(member: "prefix \(prefix)", classes: (other, name))
        }
      }
    }
    return nil
  }
}

extension Policy {
  /// The most classes that can be defined.
  public static let mostClasses = ClassNumbers.all.count

  /// The most prefixes of all classes together.
  public static let mostClassPrefixes = Int(AEGIS_CLASS_PREFIXES)

  /// Checks what classes claim, and that rates are for classes that exist.
  ///
  /// - Parameter present: The classes before, which go after others were added.
  /// - Throws: `badInput`.
  func checkClasses(
    besides present: [ClassName: AddressClass] = [:]
  ) throws(AegisError) {
    guard let classes else { return }
    guard classes.count <= Self.mostClasses else {
      throw AegisError(.badInput, "there can be no more than \(Self.mostClasses) classes")
    }
    guard Set(classes.keys).union(present.keys).count <= Self.mostClasses else {
      throw AegisError(
        .badInput,
        "there can be no more than \(Self.mostClasses) classes, with those that are to be removed",
        hint: "remove those first: aegisctl set-class NAME --remove")
    }
    guard classes.values.reduce(0, { $0 + $1.prefixes.count }) <= Self.mostClassPrefixes else {
      throw AegisError(
        .badInput, "classes can have no more than \(Self.mostClassPrefixes) prefixes together",
        hint: "use shorter prefixes, or countries")
    }
    if let conflict = classes.conflict {
      throw AegisError(
        .badInput,
        "the classes \(conflict.classes.0) and \(conflict.classes.1) both claim \(conflict.member)",
        hint: "an address has one class: leave it out of one of them")
    }
    for rule in (rates ?? []) + (out?.rates ?? []) {
      guard let name = rule.selector.className, name != .foreign, classes[name] == nil else {
        continue
      }
      throw AegisError(
        .badInput, "there is a rate for class \(name), but no such class",
        hint: "define the class, or remove the rate: aegisctl set-rate off --class \(name)")
    }
  }
}
