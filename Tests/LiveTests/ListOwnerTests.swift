import Foundation
import Linux
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

extension Kernel {
  /// Owners change lists that overlap; a model of sets says what each has and what is dropped.
  struct ListOwnerTests {
    private static let owners = ["manual", "fail2ban", "feed"]
    private static let count = Machine.few(20_000, atLeast: 1000)

    private struct Model: Equatable {
      var entries: [String: [Prefix: Bool]] = [:]
      /// Lists that only count.
      var monitored: Set<String> = []

      func drops(_ address: IPAddress) -> Bool {
        entries.contains { owner, entries in
          !monitored.contains(owner)
            && entries.contains { !$0.value && $0.key.contains(address) }
        }
      }
    }

    /// Hosts and prefixes in each other, of both families.
    private static let prefixes = hosts + hosts6

    private static let hosts: [Prefix] = [24, 26, 28, 30, 31, 32].flatMap { length in
      (0..<4 as Range<UInt32>).map { number in
        Prefix(masking: .v4(0xc633_6400 + number * 37), length: length)
      }
    }

    private static let hosts6: [Prefix] = [32, 48, 64, 96, 128].flatMap { length in
      (0..<3 as Range<UInt128>).map { number in
        let bits = 0x2001_0db8 << 96 | number << 70 | number
        return Prefix(masking: .v6(bits), length: length)
      }
    }

    private static func address(_ random: inout SeededGenerator) -> IPAddress {
      let prefix = prefixes[random.pick(0...prefixes.count - 1)]
      return random.chance(2)
        ? prefix.address : .v4(0xc633_6400 + UInt32(random.pick(0...255)))
    }

    private static func held(_ live: Live) throws -> Model {
      let datapath = try Datapath(at: PinRoot(live.aegis.root))
      var model = Model()
      for owner in owners { model.entries[owner] = [:] }
      for (name, list) in try ListTable(datapath).definitions() {
        if list.isMonitored { model.monitored.insert(name.text) }
        model.entries[name.text] = try DropList(datapath, name).held().mapValues(\.isMonitored)
      }
      model.entries["manual"] = try DropList(datapath).held().mapValues(\.isMonitored)
      return model
    }

    private static func change(
      _ model: inout Model, _ random: inout SeededGenerator, _ datapath: Datapath,
      _ session: borrowing Session
    ) throws {
      let owner = owners[random.pick(0...2)]
      let name = try ListName(owner)
      let some = Array(
        Set((0..<random.pick(1...4)).map { _ in prefixes[random.pick(0...prefixes.count - 1)] }))
      let isMonitored = random.chance(4)
      let edit = EntryEdit(isMonitored: isMonitored)
      func plan(
        _ make: (DropList) throws(AegisError) -> ListPlan<Prefix>
      ) throws -> Plan {
        try owner == "manual"
          ? make(DropList(datapath)).plan : ListChange(of: name, in: datapath).plan(make).plan
      }
      let made: Plan
      switch random.pick(0...9) {
      case 0...3:
        made = try plan { list throws(AegisError) in
          try list.plan(putting: ListContents(some)) { _ in edit }
        }
        for prefix in some { model.entries[owner]?[prefix] = isMonitored }
      case 4...6:
        made = try plan { list throws(AegisError) in try list.plan(removing: ListContents(some)) }
        for prefix in some { model.entries[owner]?[prefix] = nil }
      case 7:
        made = try plan { list throws(AegisError) in
          try list.plan(putting: ListContents(some), { _ in edit }, replacing: true)
        }
        model.entries[owner] = Dictionary(uniqueKeysWithValues: some.map { ($0, isMonitored) })
      case 8:
        made = try DropList.plan(removing: ListContents(some), fromAllOf: datapath).plan
        for owner in owners { for prefix in some { model.entries[owner]?[prefix] = nil } }
      default:
        if owner == "manual" { return }
        var change = try ListChange(of: name, in: datapath)
        change.after.isMonitored = isMonitored
        made = try change.plan(adding: [], removing: [])
        if isMonitored { model.monitored.insert(owner) } else { model.monitored.remove(owner) }
      }
      try PlanExecutor(datapath).run(made, in: session)
    }

    @Test("three owners over overlapping entries never touch what is another's")
    func owners() throws {
      var random = SeededGenerator(seed: 20)
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.ok(["set-list", "fail2ban"])
      try live.ok(["set-list", "feed"])
      var model = try Self.held(live)
      let chunk = Self.count / 10
      for round in 0..<10 {
        do {
          let session = try Session(at: PinRoot(live.aegis.root), timeout: .seconds(5))
          let datapath = try session.datapath()
          for step in 0..<chunk {
            try Self.change(&model, &random, datapath, session)
            guard step.isMultiple(of: 50) else { continue }
            #expect(try Self.held(live) == model, "step \(round * chunk + step)")
            let host = try HostDatapath(over: datapath)
            for _ in 0..<10 {
              let address = Self.address(&random)
              #expect(
                try (host.drop(of: Prefix(address)) != nil) == model.drops(address), "\(address)")
            }
          }
        }
        #expect(try Self.held(live) == model)
        switch round % 4 {
        case 0:
          let policy = try live.run(["dump", "-o", "yaml"]).output
          let other = Live(try Sandbox(ipv6: false))
          try other.ok(["load"])
          try other.ok(["apply", "-f", "-", "--prune"], input: policy)
          #expect(try Self.held(other) == model)
          #expect(try other.run(["dump", "-o", "yaml"]).output == policy)
        case 1:
          try live.ok(["load", "--replace", "--max-drops", "\(2000 + round)"])
        case 2:
          let empty = "apiVersion: aegis/v1\nkind: Policy\nspec: {drops: [], lists: []}\n"
          try live.ok(["apply", "-f", "-", "--prune", "--confirm-within", "1h"], input: empty)
          #expect(try Self.held(live).entries["feed"] == [:])
          try live.ok(["rollback"])
        default:
          let policy = try live.run(["dump", "-o", "yaml"]).output
          #expect(
            try live.ok(["apply", "-f", "-", "--prune"], input: policy)["changed"].bool == false)
        }
        #expect(try Self.held(live) == model)
      }
    }
  }
}
