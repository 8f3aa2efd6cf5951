import Foundation
import TestSupport
import Testing

/// A call that is disturbed, and how to come back to what was before it.
struct DisturbedVerb: Sendable, CustomTestStringConvertible {
  let name: String
  let arguments: [String]
  var input: String?
  /// From nothing to what is before it.
  var prepare: @Sendable (Live) throws -> Void = { _ in }
  /// From what is after it to what was before.
  let undo: @Sendable (Live) throws -> Void
  /// Takes a third of a second: is run again only where something is left to finish.
  var isSlow = false
  /// Done again it fails, for it is done, or it undoes what it did.
  var isRepeatable = true

  var testDescription: String { name }

  /// The interface is called so in every command, whatever its name.
  static let interface = "IFACE"

  func command(_ live: Live) -> Command {
    let words = arguments.map { $0 == Self.interface ? live.interface : $0 }
    return live.aegis.command(words, namespace: live.sandbox.host.namespace)
  }

  /// Before it, with entries of every kind.
  func prepared() throws -> Live {
    let live = Live(try Sandbox(ipv6: false))
    try prepare(live)
    return live
  }
}

extension DisturbedVerb {
  static let dropped = "192.0.2.9"
  static let port: UInt16 = 7001

  /// Of every policy here: one address is dropped, one flow let in.
  private static let common = """
    apiVersion: aegis/v1
    kind: Policy
    spec:
      keys:
      - any:\(port)/udp
      - {key: "any:8000/udp", rate: 10/s}

    """
  static let before =
    common + "  default: allow\n  drops: [\(dropped), 198.18.0.1, 198.18.7.0/24]\n"
    + "  rates: [{rate: 1M/s}, {rate: 5k/s, port: 9/udp}]\n"
  static let after =
    common + "  - {key: \"198.18.1.0/24:8001/udp\", rate: 20/s, note: moved}\n  default: deny\n"
    + "  drops: [\(dropped), 198.18.0.2, {source: 198.18.7.0/24, note: kept}]\n"
    + "  rates: [{rate: 2M/s}, {rate: 6k/s, port: 9/udp, total: true}]\n"
  private static let list = (0..<300).map { "198.19.\($0 / 250).\($0 % 250)\n" }.joined()
  static let declare = ["apply", "-f", "-", "--prune", "--force"]

  static func attach(_ live: Live) throws {
    try live.ok(["load", "--max-drops", "1000", "--max-sources", "6000"])
    try live.ok(declare, input: before)
    try live.ok(["attach", live.interface])
  }

  private static func of(
    _ arguments: [String], input: String? = nil, undo: [String], undoInput: String? = nil
  ) -> DisturbedVerb {
    DisturbedVerb(
      name: arguments.filter { $0 != "--force" && $0 != interface }.joined(separator: " "),
      arguments: arguments, input: input, prepare: attach,
      undo: { live in
        try live.ok(undo.map { $0 == interface ? live.interface : $0 }, input: undoInput)
      })
  }

  static let load = DisturbedVerb(
    name: "load", arguments: ["load", "--max-drops", "1000", "--max-sources", "6000"],
    undo: { try $0.ok(["unload", "--force"]) }, isSlow: true)
  static let replace = DisturbedVerb(
    name: "load --replace", arguments: ["load", "--replace", "--max-drops", "2000"],
    prepare: { live in
      try attach(live)
      try live.ok(["load", "--replace", "--max-drops", "500"])
      try live.ok(["load", "--rollback"])
    },
    undo: { live in
      // What went out of force must be kept as before it: another than the one that is put back.
      try live.ok(["load", "--rollback"])
    }, isSlow: true)
  static let rollBackProgram = DisturbedVerb(
    name: "load --rollback", arguments: ["load", "--rollback"],
    prepare: { live in
      try attach(live)
      try live.ok(["load", "--replace", "--max-drops", "500"])
    }, undo: { try $0.ok(["load", "--rollback"]) }, isRepeatable: false)
  static let attach = of(["attach", interface], undo: ["detach", interface]).startingDetached()
  static let detach = of(["detach", interface], undo: ["attach", interface])
  private static let both = ["attach", interface, "--direction", "both"]
  /// The program for what goes out stays pinned, once it was needed.
  static let attachBoth = of(both, undo: ["detach", interface]).startingInBoth()
    .startingDetached()
  static let detachBoth = of(
    ["detach", interface, "--direction", "both"], undo: both
  ).startingInBoth()
  static let drops = of(
    ["drop-ip", "-f", "-"], input: list, undo: ["drop-ip", "-f", "-", "--remove"], undoInput: list)
  static let apply = of(declare, input: after, undo: declare, undoInput: before)
  static let applyUnconfirmed = DisturbedVerb(
    name: "apply --confirm-within", arguments: declare + ["--confirm-within", "1h"], input: after,
    prepare: attach, undo: { try $0.ok(["rollback"]) })
  /// Half of what is there stays, and the address that every policy drops.
  static let replaceDrops = of(
    ["drop-ip", "--replace-all", "-f", "-", "--force"],
    input: "\(dropped)\n198.18.0.1\n" + list, undo: declare, undoInput: before)
  static let unload = DisturbedVerb(
    name: "unload", arguments: ["unload", "--force"], prepare: attach, undo: attach)

  static let all: [DisturbedVerb] = [
    rollBackProgram, attach, detach,
    of(["set-default", "deny", "--force"], undo: ["set-default", "allow"]),
    of(["set-rate", "3M/s"], undo: ["set-rate", "1M/s"]),
    of(
      ["set-rate", "7k/s", "--from", "198.18.0.0/16"],
      undo: ["set-rate", "off", "--from", "198.18.0.0/16"]),
    of(
      ["allow-key", "any:9000/udp", "--rate", "50/s"],
      undo: ["allow-key", "any:9000/udp", "--remove"]),
    of(
      ["allow-key", "198.18.3.0/24:8000/udp", "--protect"],
      undo: ["allow-key", "198.18.3.0/24:8000/udp", "--remove"]),
    of(["drop-ip", "198.18.0.77", "--note", "one"], undo: ["drop-ip", "198.18.0.77", "--remove"]),
    drops, replaceDrops,
    of(
      ["drop-ip", "-f", "-", "--remove"], input: list, undo: ["drop-ip", "-f", "-"], undoInput: list
    )
    .starting { try $0.ok(["drop-ip", "-f", "-"], input: list) },
    apply,
    applyUnconfirmed,
    DisturbedVerb(
      name: "confirm", arguments: ["confirm", "--force"], prepare: unconfirmed, undo: unconfirm),
    DisturbedVerb(
      name: "rollback", arguments: ["rollback"], prepare: unconfirmed, undo: unconfirm,
      isRepeatable: false),
    unload, load, replace,
  ]

  private static let unconfirmed: @Sendable (Live) throws -> Void = { live in
    try attach(live)
    try live.ok(declare + ["--confirm-within", "1h"], input: after)
  }

  private static let unconfirm: @Sendable (Live) throws -> Void = { live in
    try live.ok(declare, input: before)
    try live.ok(declare + ["--confirm-within", "1h"], input: after)
  }

  private func startingDetached() -> DisturbedVerb {
    starting { try $0.ok(["detach", $0.interface]) }
  }

  private func startingInBoth() -> DisturbedVerb {
    starting { try $0.ok(["attach", $0.interface, "--direction", "both"]) }
  }

  private func starting(_ step: @escaping @Sendable (Live) throws -> Void) -> DisturbedVerb {
    var verb = self
    verb.prepare = { [prepare] live in
      try prepare(live)
      try step(live)
    }
    return verb
  }
}
