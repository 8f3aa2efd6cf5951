import FoundationEssentials
import Glibc

/// All results.
struct Report: Encodable {
  struct Part: Encodable {
    let name: String
    var tables: [Table] = []
    /// What a reader needs to know to trust the figures.
    var notes: [String] = []

    init(_ name: String) { self.name = name }

    var text: String {
      let notes = notes.map { "note: \($0)\n" }.joined()
      return (tables.map(\.text) + (notes.isEmpty ? [] : [notes])).joined(separator: "\n")
    }
  }

  let apiVersion = "aegis/v1"
  let kind = "Benchmark"
  let kernel: String
  let processor: String
  let processors: Int
  let quick: Bool
  let rounds: Int
  var parts: [Part] = []

  init(_ effort: Effort) {
    var name = utsname()
    uname(&name)
    kernel = withUnsafeBytes(of: name.release) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    processor = Machine.processor
    processors = Machine.processors
    quick = effort.isQuick
    rounds = effort.rounds
  }

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(self).write(to: URL(filePath: path))
  }
}
