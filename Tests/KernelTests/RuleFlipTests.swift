import BPF
import CAegis
import Foundation
import Linux
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

extension DatapathTests {
  /// Sets of rules take each other's place while packets come.
  @Suite struct RuleFlipTests {
    /// Some 20 seconds, or two minutes with AEGIS_EXHAUSTIVE=1.
    private static let rounds =
      ProcessInfo.processInfo.environment["AEGIS_EXHAUSTIVE"] == "1"
      ? 500 : Machine.few(100, atLeast: 20)
    private static let ports: ClosedRange<UInt16> = 1...100

    private static func rule(
      _ name: String, _ action: Rule.Action, _ change: (inout RuleMatch) -> Void
    ) throws -> Rule {
      var rule = Rule(try RuleName(name), action)
      change(&rule.match)
      return rule
    }

    private static func ports(_ number: UInt16) -> RulePorts {
      RulePorts(NumberSet([number...number]))
    }

    /// Each set drops the packets, and for another reason at another place. Where one drops, the others admit what does
    /// not come: a mix of two admits.
    private static func sets() throws -> [[Rule]] {
      let drops = try ports.map { port in
        try rule("a\(port)", .drop) { $0.ports = Self.ports(port) }
      }
      let admits = try (0..<200 as Range<UInt16>).map { number in
        try rule("b\(number)", .allow) { $0.ports = Self.ports(1000 + number) }
      }
      let byList = try rule("list", .drop) {
        $0.from = RuleAddresses([], lists: [try! ListName("sources")])
      }
      let byClass = try rule("class", .drop) { $0.classes = RuleClasses([.foreign]) }
      let others = try (0..<250 as Range<UInt16>).map { number in
        try rule("c\(number)", .allow) { $0.sourcePorts = Self.ports(number) }
      }
      return [drops, admits + [byList], others + [byClass], others.suffix(100) + drops]
    }

    @Test("no packet is judged by a mix of two sets, or by none")
    func underFlow() throws {
      let pinned = try PinnedDatapath(sources: 6000)
      let datapath = pinned.datapath
      var policy = Aegis.Policy()
      policy.lists = [try ListName("sources"): NamedList(action: .none)]
      policy.listed[try ListName("sources")] = [Prefix("192.0.2.1"): Aegis.Policy.Conditions()]
      try pinned.make(Plan(from: Aegis.Policy(of: datapath), to: policy, pruning: true))
      let sets = try Self.sets()
      let table = RuleTable(datapath)
      try table.put(sets[0])
      let flow = try TestFlow(
        datapath,
        Self.ports.map { port in
          RulePacket(source: "192.0.2.1", destination: "192.0.2.2", port: port).frame
        })
      for round in 1...Self.rounds {
        try table.put(sets[round % sets.count])
        #expect(try table.unused().isEmpty)
      }
      let packets = try flow.stop()
      let map = try datapath.perCPU(AEGIS_MAP_counters) as PerCPUMap<aegis_counters>
      let totals = Totals(try map.values(at: AEGIS_BLOCK_OTHER))
      for reason in Reason.allCases {
        #expect(
          totals[reason].packets == (reason.name == "drop.rule" ? packets : 0), "\(reason.name)")
      }
      print("\(Self.rounds) sets of rules under \(packets) packets: none judged by a mix")
      #expect(packets > UInt64(100 * Self.rounds))
    }

    /// Without the program, what is given to the hook is dropped.
    @Test("no packet is kept from the hook while rules begin to choose, and cease to")
    func choosing() throws {
      let pinned = try PinnedDatapath(sources: 6000)
      let datapath = pinned.datapath
      try Settings.change(datapath) {
        $0.set(AEGIS_STAGE_HOOK.rawValue | AEGIS_STAGE_HOOK_CLOSED.rawValue, true)
      }
      let hook = try Self.rule("hook", .hook) { $0.ports = RulePorts(NumberSet([Self.ports])) }
      let other = try Self.rule("other", .hook) { $0.protocols = RuleProtocols([.tcp]) }
      let drop = try Self.rule("drop", .drop) { $0.ports = Self.ports(7000) }
      var counted = hook
      counted.isMonitored = true
      let sets: [[Rule]] = [[], [hook], [drop], [drop, hook], [counted], [other, drop], [hook]]
      let table = RuleTable(datapath)
      let flow = try TestFlow(
        datapath,
        Self.ports.map { port in
          RulePacket(source: "192.0.2.1", destination: "192.0.2.2", port: port).frame
        })
      for round in 0..<Self.rounds {
        let rules = sets[round % sets.count]
        try table.put(rules)
        let chooses = try Settings.read(datapath).stages & aegis_stage.ruleHooks != 0
        #expect(chooses == rules.contains { $0.action == .hook && !$0.isMonitored })
        // As a call leaves it that is interrupted.
        try Settings.change(datapath) { $0.set(aegis_stage.ruleHooks, false) }
        try table.settleChoice()
        #expect(try chooses == (Settings.read(datapath).stages & aegis_stage.ruleHooks != 0))
      }
      let packets = try flow.stop()
      let map = try datapath.perCPU(AEGIS_MAP_counters) as PerCPUMap<aegis_counters>
      let totals = Totals(try map.values(at: AEGIS_BLOCK_OTHER))
      for reason in Reason.allCases {
        #expect(
          totals[reason].packets == (reason.name == "drop.hook-missing" ? packets : 0),
          "\(reason.name)")
      }
      #expect(packets > UInt64(100 * Self.rounds))
    }

    @Test("what a put left that was interrupted goes with the next one")
    func leftovers() throws {
      let pinned = try PinnedDatapath(sources: 6000)
      let datapath = pinned.datapath
      let (table, place) = (RuleTable(datapath), RulePlace(datapath))
      let sets = try Self.sets()
      func interrupt(at slot: UInt32) throws {
        let array = try RulePlace.newArray()
        try place.inner.put(array.map, at: RuleSet.rules.pin(slot, 0))
        extendLifetime(array)
      }
      // Pinned, and not yet in force.
      for next in [[], sets[0], sets[0], []] {
        let slot = RuleSet.rules.slot(try Settings.read(datapath))
        try interrupt(at: slot == 0 ? 1 : 0)
        #expect(try table.unused().count == 1)
        try table.put(next)
        #expect(try table.unused().isEmpty)
        #expect(try table.rules() == next)
      }
    }
  }
}
