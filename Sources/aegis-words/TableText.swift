/// The table in Swift: for each type, its words and an initializer that takes them.
enum TableText {
  static func text(_ declarations: [Declaration]) throws(SourceError) -> String {
    var text = """
      // Written by aegis-words.
      import Aegis
      import ArgumentParser

      enum VerbTable {
        static let names = \(declarations.compactMap(\.verb))

        static func verb(named name: String) -> (any Verb.Type)? {
          switch name {

      """
    for declaration in declarations {
      guard let verb = declaration.verb else { continue }
      text += "    case \"\(verb)\": \(declaration.type).self\n"
    }
    text += "    default: nil\n    }\n  }\n}\n"
    for declaration in declarations { text += try self.text(declaration) }
    return text
  }

  private static func text(_ declaration: Declaration) throws(SourceError) -> String {
    var table = ""
    var reading = ""
    var arguments = 0
    for property in declaration.properties {
      if property.kind == .group {
        table += "    table += \(property.type ?? "").table\n"
      } else {
        table += "    table.append(\(try word(property)))\n"
      }
      reading += "    self.\(property.name) = \(try value(property, arguments))\n"
      if property.kind == .argument { arguments += 1 }
    }
    return """

      extension \(declaration.type): \(declaration.verb == nil ? "TableRead" : "Verb") {
        static var table: [Vocabulary.Word] {
          var table: [Vocabulary.Word] = []
      \(table)    return table
        }

        init(_ given: VerbWords) throws {
          self.init()
      \(reading)    try validate()
        }
      }

      """
  }

  private static func word(_ property: Property) throws(SourceError) -> String {
    let traits = [
      property.isRepeating ? "isRepeating: true" : nil,
      property.isOptional ? nil : "isOptional: false",
      property.alone.map { _ in "standsAlone: true" },
    ]
    let names = property.kind == .argument ? [] : try property.words()
    let values = ([".\(kind(property))", "\(names)"] + traits).compactMap(\.self)
    return "Vocabulary.Word(\(values.joined(separator: ", ")))"
  }

  private static func kind(_ property: Property) -> String {
    property.kind == .argument ? "positional" : "\(property.kind)"
  }

  /// The value that is assigned to the property.
  private static func value(_ property: Property, _ index: Int) throws(SourceError) -> String {
    switch property.kind {
    case .group: return "try \(property.type ?? "")(given)"
    case .flag: return "given.has(\"\(try property.words()[0])\")"
    case .option, .argument: break
    }
    let place = property.kind == .argument ? "\(index)" : "\"\(try property.words()[0])\""
    let alone = property.alone.map { ", alone: \($0)" } ?? ""
    let transform = property.transform.map { ", by: \($0)" } ?? ""
    if property.isRepeating { return "try given.all(\(place)\(transform))" }
    let value = "given.value(\(place)\(alone)\(transform))"
    if let initial = property.initial { return "try \(value) ?? \(initial)" }
    return property.isOptional ? "try \(value)" : "try given.required(\(value))"
  }
}
