import Foundation
import TestSupport

/// Asks the generated script what bash would offer.
enum BashCompletion {
  /// - Parameter words: After `aegisctl`; the last one is being typed.
  /// - Returns: What is offered, sorted, and what was printed besides.
  static func offers(
    _ words: [String], _ instance: Aegisctl, namespace: String? = nil,
    running: [String] = []
  ) throws -> (words: [String], noise: String) {
    try TemporaryDirectory.with { directory in
      let script = try directory.file("aegisctl.bash", Data(CompletionScript.text("bash").utf8))
      let bin = directory.path + "/bin"
      try Command(["mkdir", bin]).succeed()
      try Command(["cp", BuiltBinary.path("aegisctl"), bin + "/aegisctl"]).succeed()
      try Command(["chmod", "-R", "a+rX", directory.path]).succeed()
      let outcome = try Command(
        running + ["bash", "--norc", "-c", driver, "bash", script] + words,
        environment: [
          "AEGIS_PIN_ROOT": instance.root, "PATH": bin + ":/usr/sbin:/usr/bin:/sbin:/bin",
        ],
        namespace: namespace
      ).run()
      let lines = outcome.output.split(separator: "\n").map(String.init)
      return (lines.sorted(), outcome.error)
    }
  }

  private static let driver = """
    source "$1"; shift
    COMP_WORDS=(aegisctl "$@"); COMP_CWORD=$#
    COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
    previous=${COMP_WORDS[COMP_CWORD-1]}
    _aegisctl aegisctl "${COMP_WORDS[COMP_CWORD]}" "$previous"
    printf '%s\\n' "${COMPREPLY[@]}" | sed 's/ *$//' | grep . || true
    """
}

enum CompletionScript {
  static func text(_ shell: String) throws -> String {
    let outcome = try Aegisctl().run(["--generate-completion-script", shell])
    guard outcome.status == 0 else { throw SupportError(outcome.error) }
    return outcome.output
  }
}
