import Aegis
import BPF
import CAegis
import FoundationEssentials
import Glibc
import Linux

/// A file of users of the relay, deleted with the object.
final class RelayUserFile {
  private let count: Int
  private let path = "/dev/shm/aegis-bench-\(UInt64.random(in: 0 ... .max))"
  private var keys: String { path + ".keys" }

  init(count: Int) throws {
    self.count = count
    // The range of ports has not enough for all users of one destination.
    let lines = (0..<count).map { "user\($0) 198.51.100.\(1 + $0 / 50_000):51820\n" }
    try Data(lines.joined().utf8).write(to: URL(filePath: path))
    let file = open(keys, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SystemError(operation: "create", subject: keys, errno: errno) }
    close(file)
    let digits = String(repeating: "5a", count: 16)
    try Data("1 \(digits)\n".utf8).write(to: URL(filePath: keys))
  }

  deinit {
    unlink(path)
    unlink(keys)
  }

  /// The whole process, from fork to exit.
  func load(with tool: String, in lab: Lab, rounds: Int) throws -> Table {
    let aegis = BulkAegis(tool: tool, root: lab.pinPath())
    let steps = [
      ("into nothing", ["-f", path]), ("the same again", ["-f", path]),
      ("one user more", ["another", "--to", "198.51.100.9:51820"]),
    ]
    var results = [[BulkLoader.Result]](repeating: [], count: steps.count)
    var memory = 0.0
    for _ in 0..<rounds {
      try aegis.call(["load", "-q", "--max-users", "\(count + 1)"])
      defer { aegis.unload() }
      try aegis.call([
        "set-relay", "-q", "--listen", "\(Frame.destinationText):\(Clients.port)", "--port-range",
        "5000-65535", "--key-file", keys,
      ])
      for (index, step) in steps.enumerated() {
        let command = [tool, "relay-user", "-q"] + step.1 + ["--pin-root", aegis.root]
        let loader = BulkLoader(
          name: step.0, list: "users", command: command, prepare: {}, clear: {})
        results[index].append(try loader.run())
      }
      memory = try Self.memory(of: aegis.root)
    }
    var table = Table(
      "\(count) users by one call of aegisctl, median of \(rounds), with "
        + "\(Cell.number(memory, decimals: 0).text) MB of maps in the kernel",
      [
        .init("call", "CALL"), .init("seconds", "SECONDS"),
        .init("processorSeconds", "CPU SECONDS"), .init("peakMegabytes", "PEAK MB"),
      ])
    for (step, runs) in zip(steps, results) {
      table.add([
        .text(step.0), .number(runs.map(\.process.seconds).median, decimals: 3),
        .number(runs.map(\.process.processorSeconds).median, decimals: 3),
        .number(runs.map { Double($0.process.peakMemory) / 1e6 }.median, decimals: 0),
      ])
    }
    return table
  }

  /// Of the maps that grow with the users, in MB.
  private static func memory(of root: String) throws -> Double {
    let maps = [AEGIS_MAP_relay_user, AEGIS_MAP_relay_name, AEGIS_MAP_relay_back]
    return try maps.reduce(0) { sum, map in
      let path = "\(root)/current/\(String(cString: aegis_map_row(map).name))"
      return sum + Double(try AnyBPFMap(pinnedAt: path).memoryUsage()) / 1e6
    }
  }
}
