/// What holds for every command.
enum CommonSections {
  private static let exits: [(code: Int, meaning: String)] = [
    (0, "Done, or already so."),
    (1, "Failed. For a comparison: there are differences."),
    (64, "The command line is wrong."),
    (65, "The input is wrong; the message names file and line."),
    (69, "The datapath is not loaded, or not attached."),
    (71, "The kernel refused."),
    (73, "Another program holds the interface."),
    (75, "Waiting for the lock or for an event took too long."),
    (77, "Not permitted, or others could change the pin root."),
    (78, "The pinned state has another layout, or is damaged."),
    (79, "Refused by the lock-out guard."),
  ]

  static func lines(_ program: String) -> [String] {
    let root = "/sys/fs/bpf/aegis"
    let environment = [
      ".Sh ENVIRONMENT", ".Bl -tag -width Ds", ".It Ev AEGIS_PIN_ROOT",
      "The directory of the instance, unless an option names another.", ".El",
    ]
    let files = [
      ".Sh FILES", ".Bl -tag -width Ds", ".It Pa \(root)",
      "The directory of the instance if nothing names another: its programs, maps", "and links.",
      ".El",
    ]
    let exit =
      [".Sh EXIT STATUS", ".Nm \(program)", "exits with one of these:", ".Bl -tag -width Ds"]
      + exits.flatMap { [".It \($0.code)"] + Roff.prose($0.meaning) } + [".El"]
    return environment + files + exit
  }
}
