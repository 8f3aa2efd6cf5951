import TestSupport

@testable import aegisctl

/// Command lines to read: those that other tests run, and every verb's options one by one.
enum TypedWords {
  /// What a verb needs to be right with any option.
  private static let needs: [String: [String]] = [
    "allow-key": ["any"], "apply": ["-f", "x"], "attach": ["lo"], "completion": ["bash"],
    "detach": ["lo"], "diff": ["-f", "x"], "drop-ip": ["192.0.2.1"], "feed": ["x", "-f", "x"],
    "lint": ["x"], "replay": ["x"],
    "relay-token": ["x"],
    "set-default": ["deny"], "set-list": ["x"], "set-mode": ["monitor"], "set-rate": ["1/s"],
    "set-rule": ["x", "--then", "limit", "--rate", "1/s"],
    "switch": ["x"], "tune": ["lo"],
    "why": ["192.0.2.1"],
  ]

  /// Some are right for every option, and some wrong.
  private static let values = [
    "1h", "10", "json", "/sys/fs/bpf/x", "192.0.2.1", "100/s", "drop.rate", "drop.rate > 1/s",
    "max", "generic", "fixed-window", "8,16", "", "-", "-1", "prometheus", "\u{1f}",
  ]

  static let golden = GoldenStep.all.flatMap { step in
    [step.arguments] + Transcript.formats.map { step.arguments + ["-o", $0] }
  }

  static let options = VerbTable.names.flatMap { verb in
    let words = VerbTable.verb(named: verb)?.table ?? []
    return words.flatMap { word in word.names.flatMap { lines(verb, $0, word.kind) } }
  }

  /// An option alone, and with each value in two ways to write it.
  private static func lines(
    _ verb: String, _ name: String, _ kind: Vocabulary.Word.Kind
  ) -> [[String]] {
    let rest = needs[verb, default: []]
    var lines = [[verb, name] + rest, [verb] + rest + [name], [verb] + rest + [name, name]]
    for (index, value) in values.enumerated() where kind == .option {
      lines.append([verb] + rest + [name, value])
      lines.append(
        index % 2 == 0 ? [verb] + rest + ["\(name)=\(value)"] : [name, value, verb] + rest)
    }
    return lines
  }

  /// Those that help shows.
  static func examples() throws -> [[String]] {
    try VerbTable.names.flatMap { verb in
      Examples.read(try TestSupport.Aegisctl().run([verb, "--help"]).output)
    }
  }

  static let wrong = BadArguments.all.map(\.arguments)
}
