import Aegis
import ArgumentParser
import Glibc

struct CompletionCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "completion", usage: "[options] bash|zsh|fish",
    abstract: "Print a shell completion script.",
    discussion: """
      The script completes verbs, options and their values, interfaces, and the entries that can be removed.

      EXAMPLES
          # bash, from the next login
          aegisctl completion bash | tee /etc/bash_completion.d/aegisctl
          # zsh and fish
          aegisctl completion zsh | tee /usr/share/zsh/vendor-completions/_aegisctl
          aegisctl completion fish | tee /etc/fish/completions/aegisctl.fish
      """)

  @Argument(help: "bash, zsh or fish.")
  var shell: CompletionScript.Shell

  @OptionGroup var instance: InstanceOptions

  func run() throws {
    try StandardOutput.write(CompletionScript.text(for: shell))
  }
}

extension CompletionCommand {
  /// The option that printed the script before this verb existed.
  static let formerOption = "--generate-completion-script"

  /// nil for other arguments.
  static func parseFormer(_ arguments: [String]) throws -> (any ParsableCommand)? {
    guard arguments.first == formerOption, arguments.count < 3 else { return nil }
    let login = getenv("SHELL").map { String(cString: $0) } ?? ""
    let name = arguments.last == formerOption ? login.split(separator: "/").last : arguments[1][...]
    guard let name else { return nil }
    if let shell = CompletionScript.Shell(rawValue: String(name)) {
      return try parse([shell.rawValue])
    }
    throw AegisError(
      .usage, "\(formerOption) \(InputText.quoted(String(name))): must be bash, zsh or fish")
  }
}
