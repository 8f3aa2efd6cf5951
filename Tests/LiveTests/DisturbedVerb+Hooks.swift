import Foundation
import TestSupport
import Testing

/// Verbs about the operator's own program.
extension DisturbedVerb {
  private static func of(_ arguments: [String], undo: [String], isSet: Bool) -> DisturbedVerb {
    let file = { (path: String) in URL(filePath: path).lastPathComponent }
    return DisturbedVerb(
      name: arguments.filter { $0 != "--force" }.map(file).joined(separator: " "),
      arguments: arguments,
      prepare: { live in
        try attach(live)
        if isSet { try live.ok(put(0)) }
      }, undo: { try $0.ok(undo) })
  }

  private static func put(_ number: Int, _ words: String...) -> [String] {
    ["set-hook", HookObjects.lasting[number], "--force"] + words
  }

  static let hooks: [DisturbedVerb] = [
    of(put(1), undo: ["set-hook", "--remove"], isSet: false),
    of(put(1, "--on-missing", "drop"), undo: put(0), isSet: true),
    of(["set-hook", "--remove"], undo: put(0), isSet: true),
  ]
}
