import FoundationEssentials

/// Writes a table of the words that verbs take, and of initializers that build each verb from them. It reads the
/// sources that declare the verbs to ArgumentParser: `aegis-words <table> <source> ...`
@main
enum WordsTool {
  static func main() throws {
    let paths = CommandLine.arguments.dropFirst()
    guard let table = paths.first, paths.count > 1 else {
      throw SourceError("usage: aegis-words <table> <source> ...")
    }
    let declarations = try paths.dropFirst().flatMap { path in
      let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
      do {
        return try Declaration.read(SwiftText(text))
      } catch {
        throw SourceError("\(path): \(error)")
      }
    }
    try Data(TableText.text(declarations).utf8).write(to: URL(filePath: table))
  }
}

/// A declaration whose form the table does not support.
struct SourceError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
