import Aegis
import Foundation
import TestSupport
import Testing

@testable import aegisctl

extension Kernel {
  /// What is declared is what the kernel holds, and the other way round.
  struct PolicyTests {
    /// Of 500 policies each goes through the product's own reader, plan and writer, and one in 25 through
    /// processes and a datapath that is loaded anew.
    @Test func roundTrips() throws {
      let live = Live(try Sandbox(ipv6: false))
      let size = ["--max-drops", "128", "--max-keys", "64", "--max-sources", "56"]
      try live.ok(["load"] + size)
      var texts = PolicyText(seed: 20_261_121)
      for round in 0..<500 {
        let text = texts.document(now: Int(Date().timeIntervalSince1970))
        if round % 25 == 0 {
          try roundTrip(text, live, load: ["load"] + size)
        } else {
          try roundTrip(text, PinRoot(live.aegis.root), "round \(round)")
        }
      }
    }

    private func roundTrip(_ text: String, _ root: PinRoot, _ comment: Comment) throws {
      let wanted = try read(text, comment)
      try apply(wanted, root)
      let held = try Policy(of: Datapath(at: root))
      // What leaves and lists are not declared, and stay as they were at first.
      var own = held
      (own.out, own.lists) = (wanted.out, wanted.lists)
      #expect(own.says(wanted), "\(comment)\n\(text)")
      #expect(held.out?.count == 1, comment)
      #expect(try Plan(from: held, to: wanted, pruning: true).isEmpty, comment)
      let dump = try YAMLText.text(ofJSON: JSONText.compact(PolicyObject(held)))
      let again = try read(dump, comment)
      #expect(again.says(held), "\(comment)\n\(dump)")

      var nothing = try read("apiVersion: aegis/v1\nkind: Policy\nspec: {}", comment)
      (nothing.defaultAction, nothing.rates, nothing.drops, nothing.keys) = (.allow, [], [:], [:])
      (nothing.replies, nothing.classes, nothing.rules) = (false, [:], [])
      try apply(nothing, root)
      #expect(try Policy(of: Datapath(at: root)).count == 5)
      try apply(again, root)
      #expect(try Policy(of: Datapath(at: root)).says(held), comment)
    }

    private func read(_ text: String, _ comment: Comment) throws -> Policy {
      var reader = PolicyReader()
      reader.read(Array(text.utf8), named: "policy.yaml")
      #expect(reader.errors.map(\.message) == [], "\(comment)\n\(text)")
      return reader.policy
    }

    private func apply(_ policy: Policy, _ root: PinRoot) throws {
      let session = try Session(at: root, timeout: .seconds(5))
      let datapath = try session.datapath()
      let plan = try Plan(from: try Policy(of: datapath), to: policy, pruning: true)
      try PlanExecutor(datapath).run(plan, in: session)
    }

    private func roundTrip(_ text: String, _ live: Live, load: [String]) throws {
      try live.ok(["apply", "-f", "-", "--prune", "--force"], input: text)
      let dump = try live.run(["dump", "-o", "yaml"]).output
      for declared in [text, dump] {
        let diff = try live.run(["diff", "-f", "-", "--prune"], input: declared)
        #expect(diff.status == 0, "\(diff)\n\(declared)")
      }
      let held = try Policy(of: Datapath(at: PinRoot(live.aegis.root)))
      try live.ok(["unload", "--force"])
      try live.ok(load)
      let differs = try live.run(["diff", "-f", "-", "--prune"], input: dump)
      #expect(differs.status == 1 && differs.error == "", "\(differs)")
      try live.ok(["apply", "-f", "-", "--prune", "--force"], input: dump)
      #expect(try Policy(of: Datapath(at: PinRoot(live.aegis.root))).says(held), "\(dump)")
      let again = try live.ok(["apply", "-f", "-", "--prune", "--force"], input: dump)
      #expect(again["changed"].bool == false && again["items"].array.isEmpty)
    }

    @Test func whatStaysKeepsItsHits() throws {
      let live = try Live.attached()
      let head = "apiVersion: aegis/v1\nkind: Policy\nspec:\n"
      let first = head + "  drops: [192.0.2.7, 192.0.2.8, {source: 192.0.2.9, note: x}]\n"
      try live.ok(["apply", "-f", "-", "--force"], input: first)
      for host in 7...9 { #expect(try !live.arrives(from: "192.0.2.\(host)")) }
      let second = head + "  drops: [192.0.2.7, {source: 192.0.2.9, note: y}, 192.0.2.10]\n"
      let plan = try live.ok(["apply", "-f", "-", "--prune", "--force"], input: second)
      #expect(plan["counts"]["added"].int == 1 && plan["counts"]["changed"].int == 1)
      #expect(plan["counts"]["removed"].int == 1 && plan["counts"]["unchanged"].int == 1)
      let drops = try live.ok(["dump", "drops"])["drops"].array
      #expect(drops.map { $0["name"].string } == ["192.0.2.7", "192.0.2.9", "192.0.2.10"])
      #expect(drops.map { $0["hits"].int } == [1, 1, 0])
      #expect(try live.arrives(from: "192.0.2.8"))
      #expect(try !live.arrives(from: "192.0.2.10"))
    }

    @Test func nothingChangesWhenNotAllFits() throws {
      let live = try Live.attached(load: ["--max-drops", "10"])
      try live.ok(["drop-ip", "192.0.2.200"])
      let many = (1...11).map { "192.0.2.\($0)" }.joined(separator: ", ")
      let text = "apiVersion: aegis/v1\nkind: Policy\nspec: {default: deny, drops: [\(many)]}\n"
      let said = try live.fails(1, ["apply", "-f", "-", "--prune", "--force"], input: text)
      #expect(said.contains("the capacity is 10 IPv4 entries, and this change needs 11"))
      #expect(try live.ok(["status"])["defaultAction"].string == "allow")
      #expect(try live.ok(["dump", "drops"])["drops"].array.count == 1)
    }

    @Test func aHundredThousandDrops() throws {
      let live = try Live.attached()
      let names = (0..<100_000).map { "\(11 + $0 / 65536).\($0 / 256 % 256).\($0 % 256).1" }
      let text =
        "apiVersion: aegis/v1\nkind: Policy\nspec:\n  drops:\n"
        + names.map { "  - \($0)\n" }.joined()
      let start = Date()
      let first = try live.ok(["apply", "-f", "-", "--prune", "--force"], input: text)
      #expect(first["counts"]["added"].int == 100_000)
      let again = try live.ok(["apply", "-f", "-", "--prune", "--force"], input: text)
      #expect(again["changed"].bool == false && again["counts"]["unchanged"].int == 100_000)
      // In a debug build; one system call an entry, or worse than O(n), would take minutes.
      #expect(Date().timeIntervalSince(start) < 60)
      #expect(try !live.arrives(from: names.randomElement()))
    }
  }
}
