/// The look-up of an address in a list of drops, by the table of the datapath and by what the kernel has for it.
enum AddressesPart {
  static func run(in lab: Lab, _ effort: Effort) throws -> Report.Part {
    let start = Machine.Times()
    var part = Report.Part("addresses")
    let sizes = effort.choose(quick: [1000, 100_000], full: [1000, 100_000, 1_000_000])
    let largest = sizes.last ?? 0
    let builds = effort.choose(quick: 1, full: 3)
    var (loops, wrong) = ([] as [Double], 0)
    var times = AddressTimes.table(rounds: effort.rounds(full: 9))
    var costs = Self.costs(of: largest, builds)
    // The smaller ones first: the kernel takes seconds to free a large trie.
    for size in sizes {
      for kind in AddressList.Kind.allCases {
        let list = AddressList(kind, count: size)
        if size == largest {
          let made = try (0..<builds).map { _ in try AddressTables(list, in: lab).costs }
          add(kind, made, to: &costs)
        }
        var figures = AddressTimes(try AddressTables(list, in: lab))
        try figures.measure(rounds: effort.rounds(full: 9))
        figures.add(to: &times)
        loops.append(figures.loops.median)
        wrong += figures.wrong
      }
    }
    part.tables = [times, costs]
    part.notes = [AddressList.description, memory]
    if wrong > 0 { part.notes.append("wrong: \(wrong) answers differ from those of LPM_TRIE") }
    part.notes += Machine.disturbance(since: start, baseline: loops)
    return part
  }

  private static var memory: String {
    KernelMemory.charged() == nil
      ? "the memory of LPM_TRIE is without the nodes between prefixes: no control group tells it"
      : "the memory of LPM_TRIE is what the control group was charged for"
  }

  private static func costs(of size: Int, _ builds: Int) -> Table {
    Table(
      "Lists of \(size) in the kernel, median of \(builds)",
      [
        .init("list", "LIST"), .init("structure", "STRUCTURE"), .init("entries", "ENTRIES"),
        .init("bytes", "BYTES"), .init("bytesPerEntry", "BYTES AN ENTRY"),
        .init("cpu", "CPU MS TO FILL"),
      ])
  }

  private static func add(
    _ kind: AddressList.Kind, _ made: [[AddressTables.Structure: AddressTables.Cost]],
    to table: inout Table
  ) {
    for structure in AddressTables.Structure.allCases {
      let costs = made.compactMap { $0[structure] }
      let bytes = costs.map { Double($0.bytes) }.median
      let entries = costs.first?.entries ?? 0
      table.add([
        .text(kind.rawValue), .text(structure.rawValue), .count(UInt64(entries)),
        .count(UInt64(bytes)), .number(bytes / Double(max(entries, 1)), decimals: 1),
        .number(costs.map(\.milliseconds).median, decimals: 1),
      ])
    }
  }
}
