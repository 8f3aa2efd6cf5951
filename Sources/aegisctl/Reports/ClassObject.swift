import Aegis

/// A class, as a policy declares it and `dump` shows it.
struct ClassObject: Encodable {
  let name: String
  /// Absent if it names none.
  let countries: [String]?
  let prefixes: [String]?

  init(_ name: ClassName, _ addresses: AddressClass) {
    self.name = name.text
    let countries = addresses.countries.sorted().map { "\($0)" }
    let prefixes = addresses.prefixes.sorted().map { "\($0)" }
    self.countries = countries.isEmpty ? nil : countries
    self.prefixes = prefixes.isEmpty ? nil : prefixes
  }
}
