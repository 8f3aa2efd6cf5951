/// How long look-ups in one list take, by where the addresses are from.
struct AddressTimes {
  /// A round for addresses of one kind: ns by structure, less the loop.
  private struct Sample {
    var times: [AddressTables.Structure: Double] = [:]
    /// The shares that were found.
    var found: [AddressTables.Structure: Double] = [:]
  }

  private let tables: AddressTables
  private var samples: [AddressList.Sources: [Sample]] = [:]
  /// ns of the loop without a look-up.
  private(set) var loops: [Double] = []
  /// Answers of the table that differ from those of the trie.
  private(set) var wrong = 0

  init(_ tables: AddressTables) { self.tables = tables }

  /// Other addresses in each round, the same for all structures.
  mutating func measure(rounds: Int) throws {
    for _ in 0..<rounds {
      for sources in AddressList.Sources.allCases {
        try tables.ask(sources)
        samples[sources, default: []].append(try sample())
      }
    }
  }

  private mutating func sample() throws -> Sample {
    let loop = try tables.time(nil)
    loops.append(loop)
    var sample = Sample()
    var answers: [AddressTables.Structure: [Bool]] = [:]
    for structure in AddressTables.Structure.allCases {
      sample.times[structure] = try tables.time(structure) - loop
      let found = tables.answers()
      answers[structure] = found
      sample.found[structure] = Double(found.count { $0 }) / Double(found.count)
    }
    wrong += zip(answers[.table] ?? [], answers[.trie] ?? []).count { $0 != $1 }
    return sample
  }

  static func table(rounds: Int) -> Table {
    Table(
      "Look-up of an address, BPF_PROG_TEST_RUN, ns less the loop, median of \(rounds)",
      [
        .init("entries", "ENTRIES"), .init("list", "LIST"), .init("addresses", "ADDRESSES"),
        .init("table", "AEGIS"), .init("trie", "LPM_TRIE"), .init("hash", "HASH"),
        .init("tableRatio", "AEGIS X HASH"), .init("trieRatio", "LPM_TRIE X HASH"),
        .init("listed", "LISTED %"), .init("hosts", "IN HASH %"),
      ])
  }

  func add(to table: inout Table) {
    let list = tables.list
    for sources in AddressList.Sources.allCases {
      let name = sources.name(in: list.kind)
      let start: [Cell] = [
        .count(UInt64(list.items.count)), .text(list.kind.rawValue), .text(name),
      ]
      let samples = samples[sources] ?? []
      func times(_ structure: AddressTables.Structure) -> [Double] {
        samples.map { $0.times[structure] ?? 0 }
      }
      func ratio(_ structure: AddressTables.Structure) -> Cell {
        .number(zip(times(structure), times(.hash)).map { $0 / $1 }.median, decimals: 2)
      }
      func found(_ structure: AddressTables.Structure) -> Cell {
        .number(samples.map { $0.found[structure] ?? 0 }.median * 100, decimals: 0)
      }
      table.add(
        start + [
          .number(times(.table).median, decimals: 1), .number(times(.trie).median, decimals: 1),
          .number(times(.hash).median, decimals: 1), ratio(.table), ratio(.trie),
          found(.table), found(.hash),
        ])
    }
  }
}
