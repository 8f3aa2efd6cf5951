/// Verbs of other programs, and the commands that do the same here.
enum Synonyms {
  private static let lift = "aegisctl drop-ip --remove ADDRESS"

  static let commands = [
    "allow": "aegisctl allow-key KEY, or aegisctl set-default allow",
    "ban": "aegisctl drop-ip ADDRESS",
    "block": "aegisctl drop-ip ADDRESS",
    "delete": lift,
    "deny": "aegisctl drop-ip ADDRESS, or aegisctl set-default deny",
    "disable": "aegisctl detach INTERFACE, or aegisctl set-mode monitor",
    "enable": "aegisctl attach INTERFACE, or aegisctl set-mode enforce",
    "flush": "aegisctl dump drops -o name | aegisctl drop-ip --remove -f -",
    "list": "aegisctl dump",
    "log": "aegisctl dump log",
    "ls": "aegisctl dump",
    "reload": "aegisctl apply -f FILE",
    "remove": lift,
    "restart": "aegisctl load --replace",
    "restore": "aegisctl apply -f FILE",
    "save": "aegisctl dump host -o yaml --file FILE",
    "show": "aegisctl dump, or aegisctl status",
    "start": "aegisctl load, then aegisctl attach INTERFACE",
    "stop": "aegisctl detach --all, or aegisctl unload --force",
    "unban": lift,
    "unblock": lift,
  ]

  /// `did you mean aegisctl drop-ip ADDRESS?`; nil for other words.
  static func question(_ word: String) -> String? {
    commands[word.lowercased()].map { "did you mean \($0)?" }
  }
}
