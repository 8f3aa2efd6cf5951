/// Sections that apply to every command.
enum CommonSections {
  private static let exits: [(code: Int, meaning: String)] = [
    (0, "Success. For a change: it was made, or was not needed."),
    (1, "Failure. For a comparison: there are differences."),
    (64, "Invalid command line."),
    (65, "Invalid input; the message shows the file and line."),
    (69, "The datapath is not loaded, or not attached."),
    (71, "The kernel refused the operation."),
    (73, "Another XDP program is attached to the interface."),
    (75, "A time limit was reached while waiting for a lock or an event."),
    (77, "Permission denied, or other users can write to the pin root."),
    (78, "The pinned state is damaged, or has the layout of another version."),
    (79, "Refused by the lock-out guard."),
  ]

  static func lines(_ program: String) -> [String] {
    let root = "/sys/fs/bpf/aegis"
    let environment = [
      ".Sh ENVIRONMENT", ".Bl -tag -width Ds", ".It Ev AEGIS_PIN_ROOT",
      "The directory of the instance, unless an option gives another one.", ".El",
    ]
    let files = [
      ".Sh FILES", ".Bl -tag -width Ds", ".It Pa \(root)",
      "The default directory of the instance, with its programs, maps and links.",
      ".El",
    ]
    let exit =
      [
        ".Sh EXIT STATUS", ".Nm \(program)", "exits with one of these values:",
        ".Bl -tag -width Ds",
      ]
      + exits.flatMap { [".It \($0.code)"] + Roff.prose($0.meaning) } + [".El"]
    return environment + files + exit
  }
}
