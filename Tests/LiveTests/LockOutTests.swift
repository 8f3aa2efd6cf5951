import Foundation
import TestSupport
import Testing

extension Kernel {
  /// The manual's recipes, each on a host of its own.
  struct LockOutTests {
    @Test(arguments: LockOutRecipe.all)
    func isRefusedWithTheHintThatHelps(_ recipe: LockOutRecipe) throws {
      let host = try GuardedHost(attached: recipe.attached)
      try host.live.sandbox.ip(in: .host, recipe.links.map { recipe.filled($0, on: host) })
      for step in recipe.setUp {
        let outcome = try host.run(recipe.words(step, on: host))
        try #require(outcome.status == 0, "\(step): \(outcome)")
      }
      let command = recipe.words(recipe.command, on: host)
      let before = try host.policy()
      for arguments in [command, command + ["--dry-run"]] {
        let refused = try host.run(arguments)
        #expect(refused.status == 79, "\(refused)")
        for text in recipe.named {
          #expect(refused.error.contains(recipe.filled(text, on: host)), "\(refused.error)")
        }
        let hint = recipe.filled(recipe.hint, on: host)
        #expect(refused.error.hasSuffix("\nhint: \(hint), or --force\n"), "\(refused.error)")
        #expect(try host.policy() == before)
      }
      try follow(recipe, on: host, then: command)
    }

    /// What the hint says is done, and then the command; and what it says of `--force` holds.
    private func follow(
      _ recipe: LockOutRecipe, on host: GuardedHost, then command: [String]
    ) throws {
      let steps = recipe.filled(recipe.hint, on: host).split(separator: " && ")
      for step in steps {
        let words = step.replacing("'", with: "").split(separator: " ").dropFirst()
        let outcome = try host.run(words.map(String.init))
        #expect(outcome.status == 0, "\(step): \(outcome)")
      }
      // To take the protection away again is the mistake itself.
      let isStillWrong = recipe.number == 8
      let again = try host.run(command)
      #expect(again.status == (isStillWrong ? 79 : 0), "\(again)")
      #expect(try host.run(command + ["--force"]).status == 0)
    }

    /// The manual's twelve, by its numbers, and in its words.
    @Test func areThoseOfTheManual() throws {
      let text = try String(contentsOfFile: Self.manual, encoding: .utf8)
      let section = try #require(
        text.components(separatedBy: ".Ss Ways to lock yourself out").last)
      let items = try #require(section.components(separatedBy: "\n.El").first)
        .components(separatedBy: "\n.It\n").dropFirst()
      #expect(items.count == 12)
      #expect(Set(LockOutRecipe.all.map(\.number)) == Set(1...12))
      for (number, item) in zip(1..., items) {
        for recipe in LockOutRecipe.all where recipe.number == number {
          let command = recipe.command.replacing("IFACE", with: "eth0")
            .replacing("NETWORK", with: "203.0.113.0/24")
          #expect(item.contains(".Ql \(command)"), "\(number)")
        }
      }
    }

    private static let manual =
      URL(filePath: #filePath).deletingLastPathComponent().path + "/../../man/concepts.mdoc"
  }
}
