import FoundationEssentials

/// Writes a table of the words that verbs take, and what makes each verb of them, from the sources that declare
/// them to ArgumentParser: `aegis-words <table> <source> ...`
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

/// A declaration that is written in a way that the table cannot tell.
struct SourceError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
