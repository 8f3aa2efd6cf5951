import Aegis
import Glibc
import Linux

/// What tools like fail2ban pay for one address: the whole process, from fork to exit.
enum StartupPart {
  private struct Contender {
    let name: String
    let command: (Int) -> [String]
  }

  static func run(in lab: Lab, _ effort: Effort) throws -> Report.Part {
    let start = Machine.Times()
    var part = Report.Part("startup")
    guard let tool = Shell.aegisctl else {
      part.notes = ["aegisctl is not beside this program: build it too"]
      return part
    }
    let root = lab.pinPath()
    _ = try ChildProcess.run([tool, "load", "-q", "--pin-root", root])
    setenv("AEGIS_PIN_ROOT", root, 1)
    defer { _ = try? ChildProcess.run([tool, "unload", "--force", "-q", "--pin-root", root]) }

    var contenders = [
      Contender(name: "aegisctl drop-ip") { [tool, "drop-ip", "-q", "10.1.2.\($0)"] }
    ]
    if Shell.has("nft") {
      try Shell.run("nft add table inet bench; nft add set inet bench s '{ type ipv4_addr; }'")
      contenders.append(
        Contender(name: "nft add element") {
          ["nft", "add", "element", "inet", "bench", "s", "{ 10.1.2.\($0) }"]
        })
    }
    if Shell.has("bpftool") {
      let zeros = [String](repeating: "0", count: 32)
      contenders.append(
        Contender(name: "bpftool map update") {
          ["bpftool", "map", "update", "pinned", root + "/current/drop_v4", "key", "10", "1", "3"]
            + ["\($0)", "value"] + zeros
        })
    }
    part.tables = [try race(contenders)]
    part.notes = Machine.disturbance(since: start, baseline: [])
    return part
  }

  private static let calls = 50

  private static func race(_ contenders: [Contender]) throws -> Table {
    var times = [[Double]](repeating: [], count: contenders.count)
    for call in 0..<calls {
      for (index, contender) in contenders.enumerated() {
        let began = Clock.monotonic()
        let status = try ChildProcess.run(contender.command(call))
        times[index].append(Double(Clock.monotonic() - began) / 1e6)
        if status != 0 { throw Shell.Failure(command: contender.name, output: "status \(status)") }
      }
    }
    var table = Table(
      "One address, the whole process, median of \(calls) side by side",
      [.init("command", "COMMAND"), .init("milliseconds", "MS"), .init("ratio", "X AEGISCTL")])
    for (contender, own) in zip(contenders, times) {
      table.add([
        .text(contender.name), .number(own.median, decimals: 2),
        .number(own.median / times[0].median, decimals: 2),
      ])
    }
    return table
  }
}
