import Aegis
import Glibc
import Linux

/// Tells the system's log and the instance who changed what.
struct Audit {
  /// Why, in the words of `--message`.
  let message: String?

  /// What cannot be noted is no reason to fail: the change is made.
  func record(at root: PinRoot, inRing: Bool) {
    let client = getenv("SSH_CONNECTION").map { String(cString: $0) } ?? ""
    let change = LoggedChange(
      time: WallTime(milliseconds: Int64(Clock.realtimeNanoseconds() / 1_000_000)),
      user: getuid(), loginUser: SystemLog.loginUser,
      origin: client.split(separator: " ").first.map { String($0).printable() } ?? "",
      command: Self.command(Arguments.read()), message: (message ?? "").printable())
    SystemLog.write(Self.line(change), by: "aegisctl")
    guard inRing, let datapath = try? Datapath(at: root), let log = try? ChangeLog(datapath) else {
      return
    }
    _ = try? log.append(change)
  }

  /// As a shell would take it.
  private static func command(_ words: [String]) -> String {
    words.map { ShellWord($0).description }.joined(separator: " ").printable()
  }

  private static func line(_ change: LoggedChange) -> String {
    var facts = ["uid=\(change.user)"]
    if let user = change.loginUser { facts.append("auid=\(user)") }
    if !change.origin.isEmpty { facts.append("from=\(change.origin)") }
    let message = change.message.isEmpty ? "" : " (\(change.message))"
    // Far from what a datagram can carry.
    return "\(facts.joined(separator: " ")): \(change.command.prefix(4000))\(message)"
  }
}

/// A report of something that may have changed.
protocol ChangeReporting: Report {
  var isChanged: Bool { get }
}
