import Aegis
import Glibc
import Linux

/// The cost of loading a blocklist of a million entries into the kernel: the whole process, from fork to exit.
enum BulkPart {
  static func run(in lab: Lab, _ effort: Effort) throws -> Report.Part {
    let start = Machine.Times()
    var part = Report.Part("bulk")
    guard let tool = Shell.aegisctl else {
      part.notes = ["aegisctl is not beside this program: build it too"]
      return part
    }
    let lists = try BulkLists(count: 1_000_000)
    let aegis = BulkAegis(tool: tool, root: lab.pinPath())
    let loaders = [aegis.hosts(lists)] + peers(lists) + [aegis.prefixes(lists)]
    part.notes = missing
    part.tables = [try load(loaders, lists.count, rounds: effort.choose(quick: 1, full: 3))]
    part.tables.append(try one(aegis, lists, calls: effort.choose(quick: 20, full: 50)))
    part.notes += Machine.disturbance(since: start, baseline: [])
    return part
  }

  private static var missing: [String] {
    ["ipset", "nft"].filter { !Shell.has($0) }.map { "\($0) is not installed: not measured" }
  }

  private static func peers(_ lists: BulkLists) -> [BulkLoader] {
    var peers: [BulkLoader] = []
    if Shell.has("ipset") {
      peers.append(
        BulkLoader(
          name: "ipset restore", list: "hosts",
          command: ["ipset", "-file", lists.ipset, "restore"],
          prepare: { _ = try? Shell.run("ipset destroy bulk") },
          memory: { setMemory(["bulk"]) }, clear: { try Shell.run("ipset destroy bulk") }))
      let nets = ["bulk", "bulk6"]
      peers.append(
        BulkLoader(
          name: "ipset restore", list: "mixed prefixes",
          command: ["ipset", "-file", lists.ipsetNets, "restore"],
          prepare: { for set in nets { _ = try? Shell.run("ipset destroy \(set)") } },
          memory: { setMemory(nets) },
          clear: { for set in nets { try Shell.run("ipset destroy \(set)") } }))
    }
    if Shell.has("nft") {
      peers.append(
        BulkLoader(
          name: "nft -f", list: "hosts", command: ["nft", "-f", lists.nft],
          prepare: { _ = try? Shell.run("nft delete table inet bulk") },
          clear: { try Shell.run("nft delete table inet bulk") }))
    }
    return peers
  }

  /// What ipset says of its sets; 0 of those that do not exist.
  private static func setMemory(_ sets: [String]) -> UInt64 {
    sets.reduce(0) { sum, set in
      let text = (try? Shell.run("ipset list -t \(set)")) ?? ""
      let line = text.split(separator: "\n").first { $0.hasPrefix("Size in memory: ") }
      return sum + (line.flatMap { UInt64($0.dropFirst(16)) } ?? 0)
    }
  }

  /// The loaders take turns, so that a disturbance of the machine affects all of them.
  private static func load(_ loaders: [BulkLoader], _ count: Int, rounds: Int) throws -> Table {
    var results = [[BulkLoader.Result]](repeating: [], count: loaders.count)
    for _ in 0..<rounds {
      for (index, loader) in loaders.enumerated() { results[index].append(try loader.run()) }
    }
    var table = Table(
      "\(count) entries into nothing, one call, median of \(rounds)",
      [
        .init("command", "COMMAND"), .init("list", "LIST"), .init("seconds", "SECONDS"),
        .init("ratio", "X AEGISCTL"), .init("processorSeconds", "CPU SECONDS"),
        .init("peakMegabytes", "PEAK MB"), .init("kernelMegabytes", "KERNEL MB"),
      ])
    let own = results[0].map(\.process.seconds)
    for (loader, runs) in zip(loaders, results) {
      let kernel = runs.compactMap { $0.kernelMemory.map { Double($0) / 1e6 } }
      let ratios = zip(runs, own).map { $0.process.seconds / $1 }
      table.add([
        .text(loader.name), .text(loader.list),
        .number(runs.map(\.process.seconds).median, decimals: 2),
        .number(ratios.median, decimals: 2),
        .number(runs.map(\.process.processorSeconds).median, decimals: 2),
        .number(runs.map { Double($0.process.peakMemory) / 1e6 }.median, decimals: 0),
        kernel.isEmpty ? .none : .number(kernel.median, decimals: 1),
      ])
    }
    return table
  }

  /// Adds one address to an empty instance, and to one of the same size that holds a million.
  private static func one(_ aegis: BulkAegis, _ lists: BulkLists, calls: Int) throws -> Table {
    let full = BulkAegis(tool: aegis.tool, root: aegis.root + "full")
    for instance in [aegis, full] { try instance.load(lists.count) }
    defer { for instance in [aegis, full] { instance.unload() } }
    try full.call(["drop-ip", "-q", "-f", lists.hosts])
    var times: [[Double]] = [[], []]
    for number in 0..<calls {
      for (index, instance) in [aegis, full].enumerated() {
        let began = Clock.monotonic()
        try instance.call(["drop-ip", "-q", "10.1.2.\(number)", "--ttl", "1h"])
        times[index].append(Double(Clock.monotonic() - began) / 1e6)
      }
    }
    var table = Table(
      "One more address, the whole process, median of \(calls) side by side",
      [.init("instance", "INSTANCE"), .init("milliseconds", "MS"), .init("ratio", "X EMPTY")])
    for (name, own) in zip(["empty", "with \(lists.count) entries"], times) {
      table.add([
        .text(name), .number(own.median, decimals: 2),
        .number(own.median / times[0].median, decimals: 2),
      ])
    }
    return table
  }
}
