import Foundation
import TestSupport

/// Runs the binary as a user that may do nothing, from a directory where that user can read it.
enum Nobody {
  static func with<Result>(
    _ instance: Aegisctl, _ body: (([String]) throws -> Outcome) throws -> Result
  ) throws -> Result {
    try TemporaryDirectory.with { directory in
      let copy = directory.path + "/aegisctl"
      try FileManager.default.copyItem(atPath: BuiltBinary.path("aegisctl"), toPath: copy)
      try Command(["chmod", "755", directory.path, copy]).succeed()
      return try body { arguments in
        try Command(
          ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", copy] + arguments,
          environment: ["AEGIS_PIN_ROOT": instance.root, "SSH_CONNECTION": nil]
        ).run()
      }
    }
  }
}
