/// A property that is set from the command line.
struct Property {
  enum Kind: String, CaseIterable {
    case group = "OptionGroup"
    case flag = "Flag"
    case option = "Option"
    case argument = "Argument"
  }

  let kind: Kind
  /// The name for an assignment.
  let name: String
  /// The type as written; nil if it follows from a default value.
  let type: String?
  /// The expression for the value if the option is not given.
  let initial: String?
  /// The arguments of the attribute by label; those without a label are left out.
  private let attributes: [String: String]

  init(
    _ kind: Kind, _ name: String, type: String?, initial: String?, attributes: [String: String]
  ) throws(SourceError) {
    self.kind = kind
    self.name = name
    self.type = type
    self.initial = initial
    self.attributes = attributes
    if kind == .flag, initial != "false" { throw SourceError("\(name): a flag is false at first") }
    if kind == .group, type == nil { throw SourceError("\(name): a group has a type") }
    if isRepeating, initial != nil, initial != "[]" {
      throw SourceError("\(name): a list is empty at first")
    }
    let unknown = attributes.keys.first {
      !["name", "help", "completion", "transform", "defaultAsFlag"].contains($0)
    }
    if let unknown { throw SourceError("\(name): the table does not know what \(unknown) is") }
  }

  var isRepeating: Bool { type?.hasPrefix("[") ?? false }
  var isOptional: Bool { initial != nil || type?.hasSuffix("?") ?? false }

  /// The function that reads a value; nil if its type does.
  var transform: String? { attributes["transform"] }

  /// The meaning of the option without a value.
  var alone: String? { attributes["defaultAsFlag"] }

  /// `--long`, and `-s` if there is a short form.
  func words() throws(SourceError) -> [String] {
    let specification = attributes["name"] ?? ".long"
    let custom = ".customLong(\""
    switch specification {
    case ".long": return [long]
    case ".shortAndLong": return [long, "-\(bareName.prefix(1))"]
    case _ where specification.hasPrefix(custom) && specification.hasSuffix("\")"):
      return ["--\(specification.dropFirst(custom.count).dropLast(2))"]
    default: throw SourceError("\(name): the table does not know the name \(specification)")
    }
  }

  private var bareName: String { name.filter { $0 != "`" } }

  private var long: String {
    "--" + bareName.map { $0.isUppercase ? "-\($0.lowercased())" : "\($0)" }.joined()
  }
}
