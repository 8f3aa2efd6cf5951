import Foundation
import TestSupport

/// A BPF file system that only one shell script sees, of a mode of its own, in the directory `$D`; `aegisctl` there
/// is the built one.
struct PrivateMount {
  /// Runs commands of the shell as another user, with what it takes to load and attach.
  static let asNobody =
    "nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups"
    + " --inh-caps +bpf,+net_admin,+perfmon --ambient-caps +bpf,+net_admin,+perfmon \"$@\"; }\n"

  static func run(mode: String, _ script: String) throws -> Outcome {
    try TemporaryDirectory.with { directory in
      let copy = directory.path + "/aegisctl"
      try FileManager.default.copyItem(atPath: BuiltBinary.path("aegisctl"), toPath: copy)
      let mount = directory.path + "/bpf"
      try Command(["mkdir", mount]).succeed()
      try Command(["chmod", "755", directory.path, copy, mount]).succeed()
      let head =
        "set -u; D=\(mount); mount -t bpf -o mode=\(mode) bpf $D; export PATH=\"\(directory.path):$PATH\"\n"
      return try Command(
        ["unshare", "--mount", "sh", "-c", head + asNobody + script],
        environment: ["AEGIS_PIN_ROOT": nil, "SSH_CONNECTION": nil]
      ).run()
    }
  }
}
