internal import BPF
internal import Glibc
internal import Linux

/// A pin root is trusted only if nobody but the caller and root can have changed it.
extension PinRoot {
  /// Checks the directory and its parents, up to where the BPF file system is mounted.
  ///
  /// - Throws: `notPermitted` if another user could put another directory in its place.
  func checkPath() throws(AegisError) {
    let flaw = try kernel { () throws(SystemError) in
      try BPFFS.flaw(inPath: path, caller: geteuid())
    }
    if let flaw { throw distrust(flaw) }
  }

  /// Also checks the contents of the root.
  func check() throws(AegisError) {
    try checkPath()
    let flaw = try kernel { () throws(SystemError) in
      try BPFFS.flaw(inContentsOf: path, caller: geteuid())
    }
    if let flaw { throw distrust(flaw) }
  }

  /// What doctor reports about it.
  var distrust: Finding? {
    let flaw =
      (try? BPFFS.flaw(inPath: path, caller: geteuid()))
      ?? (try? BPFFS.flaw(inContentsOf: path, caller: geteuid())) ?? nil
    return flaw.map { flaw in
      Finding(
        "pin-root", .error, Self.text(flaw),
        because:
          "whoever can replace the pins controls the filter, so every command refuses to use it",
        fix: hint(about: flaw))
    }
  }

  private func distrust(_ flaw: BPFFS.Flaw) -> AegisError {
    AegisError(
      .notPermitted, "cannot trust \(path): \(Self.text(flaw))", hint: hint(about: flaw))
  }

  static func text(_ flaw: BPFFS.Flaw) -> String {
    switch flaw {
    case .owner(let path, let uid): "\(path) belongs to the user \(uid)"
    case .writable(let path, let mode):
      "others may write to \(path) (mode \(String(mode, radix: 8)))"
    case .symbolicLink(let path): "\(path) is reached through a symbolic link"
    }
  }

  func hint(about flaw: BPFFS.Flaw) -> String {
    switch flaw {
    case .owner(let path, _) where path.hasPrefix(self.path + "/"):
      "remove everything there: aegisctl unload --force"
    case .owner(let path, let uid) where path == self.path && geteuid() == 0: Self.acting(as: uid)
    case .owner: "use another one: --pin-root DIR"
    case .writable(let path, _): "chmod go-w \(path)"
    case .symbolicLink(let path) where path.hasPrefix(self.path + "/"):
      "remove everything there: aegisctl unload --force"
    case .symbolicLink: "give its target: --pin-root DIR"
    }
  }

  /// A command that runs another command with the required rights, as another user.
  private static func acting(as uid: UInt32) -> String {
    let capabilities = "+bpf,+net_admin,+perfmon"
    return "act as that user: setpriv --reuid \(uid) --clear-groups --inh-caps \(capabilities)"
      + " --ambient-caps \(capabilities) aegisctl ..."
  }
}
