import Foundation
import TestSupport

/// Somebody else's reader of YAML.
enum YAMLReader {
  static let isPossible = Tool.areExpected(pythonModules: "yaml")

  private static let script = """
    import json, sys, yaml
    left, right = json.load(open(sys.argv[1])), yaml.safe_load(open(sys.argv[2]))
    sys.stdout.write("" if left == right else f"{left!r}\\n{right!r}")
    """

  /// Both as they were read if they differ, and otherwise nothing.
  static func difference(json: String, yaml: String) throws -> String {
    try TemporaryDirectory.with { directory in
      let json = try directory.file("json", Data(json.utf8))
      let yaml = try directory.file("yaml", Data(yaml.utf8))
      return try Command(["python3", "-c", script, json, yaml]).succeed()
    }
  }
}
