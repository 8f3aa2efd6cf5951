import TestSupport

/// A network namespace with nothing but its own `lo`, which is up.
enum OwnNamespace {
  static func with<Result>(_ body: (String) throws -> Result) throws -> Result {
    let name = "aegis-cmd-\(RandomName.hex(6))"
    try Command(["ip", "netns", "add", name]).succeed()
    defer { _ = try? Command(["ip", "netns", "del", name]).run() }
    try Command(["ip", "-n", name, "link", "set", "lo", "up"]).succeed()
    return try body(name)
  }

  /// Exchanges echoes of 98 bytes a frame over its `lo`; unanswered ones are no error.
  static func ping(_ name: String, count: Int) throws {
    let arguments = ["-q", "-c", "\(count)", "-i", "0.01", "-W", "1", "127.0.0.1"]
    // On one CPU: what is printed by CPU is always the same then.
    try Command(["taskset", "-c", "0", "ping"] + arguments, namespace: name).run()
  }
}
