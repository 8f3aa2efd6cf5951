import Aegis
import Testing

@testable import aegisctl

/// `kind: Host`, as a file declares it.
@Suite struct HostDocumentTests {
  private static func read(_ specs: String...) -> PolicyReader {
    var reader = PolicyReader()
    for spec in specs {
      let text = "apiVersion: aegis/v1\nkind: Host\nspec: \(spec)\n"
      reader.read(Array(text.utf8), named: "host.yaml")
    }
    return reader
  }

  @Test func theSampleIsAHost() throws {
    var reader = PolicyReader()
    reader.read(Array(HostFields.sample.utf8), named: "sample")
    #expect(reader.errors.map(\.message) == [])
    #expect(reader.host?.capacities.drops == 1_000_000 && reader.host?.capacities.keys == nil)
    #expect(
      reader.host?.interfaces == [
        .init(name: "eth0"), .init(name: "eth1", mode: .generic, directions: .both),
        .init(name: "veth*", isPattern: true),
        .init(name: "eth2", wire: WireOptions(peer: "eth3", trusted: "eth3")),
      ])
    #expect(
      try reader.host?.relay
        == .init(
          listen: [RelayEndpoint("203.0.113.10:4500")], ports: 20000...59999,
          keyFile: "/etc/aegis/relay.key", forward: ["eth0"]))
  }

  @Test func documentsAreCombined() {
    let reader = Self.read(
      "{interfaces: [eth0]}", "{capacities: {keys: 8}, interfaces: [eth0, eth1]}")
    #expect(reader.errors.isEmpty)
    #expect(reader.host?.interfaces?.map(\.name) == ["eth0", "eth1"])
    #expect(reader.host?.capacities == .init(keys: 8))
    let wire = "{interfaces: [{name: a, wire: {to: b}}, {match: b}]}"
    #expect(Self.read(wire, wire).errors.isEmpty)
    #expect(
      Self.read("{interfaces: [a]}", "{interfaces: [{name: c, wire: {to: a}}]}").errors.count == 1)
    #expect(Self.read("{}").host?.interfaces == nil)
    #expect(Self.read("{interfaces: []}").host?.interfaces == [])
    #expect(Self.read("{geo: [/a, /b]}", "{geo: [/b, /c]}").host?.geo == ["/a", "/b", "/c"])
    let relay = "{relay: {listen: '192.0.2.1:1', portRange: 2-4}}"
    #expect(Self.read(relay, relay).errors.isEmpty)
    #expect(Self.read(relay, "{relay: {listen: []}}").errors.count == 1)
    #expect(Self.read("{}").host?.relay == nil)
    let none = "{relay: {listen: '192.0.2.1:1', portRange: 2-4, forward: none}}"
    #expect(Self.read(none).host?.relay?.forward == [])
    #expect(Self.read("{hook: {object: none}}").host?.hook == .init(object: nil))
    #expect(
      Self.read("{hook: {object: /a, program: b, onMissing: drop}}").host?.hook
        == .init(object: "/a", program: "b", onMissing: .drop))
    #expect(Self.read("{}").host?.geo == nil && Self.read("{geo: []}").host?.geo == [])
  }

  @Test(
    arguments: [
      ("{interface: []}", "\"interface\" is not a field"),
      ("{interfaces: eth0}", "spec.interfaces: \"eth0\"; expected a list of interfaces"),
      ("{interfaces: ['a b']}", "has a slash, a blank or a control character"),
      ("{interfaces: ['']}", "is not the name of an interface"),
      ("{interfaces: [a/b]}", "has a slash"), ("{interfaces: [..]}", "is not the name"),
      ("{interfaces: [{mode: native}]}", "has not exactly one of name and match"),
      ("{interfaces: [{name: a, match: b}]}", "has not exactly one of name and match"),
      ("{interfaces: [{name: a, mode: fast}]}", "\"fast\" is not known"),
      ("{interfaces: [{name: a, direction: up}]}", "\"up\" is not known"),
      (
        "{interfaces: [{name: a, mode: native, direction: out}]}",
        "[0].mode: is only for packets that come in"
      ),
      (
        "{interfaces: [{name: a, direction: both, wire: {to: b}}]}",
        "[0].direction: cannot be used with wire"
      ),
      ("{interfaces: [{name: a, mode: tc, wire: {to: b}}]}", "[0].mode: cannot be used with wire"),
      ("{interfaces: [a, {name: a, mode: generic}]}", "is declared differently before"),
      ("{interfaces: [{name: a, wire: {to: a}}]}", "[0].wire.to: \"a\" is the interface itself"),
      (
        "{interfaces: [a, {name: b, wire: {to: a}}]}",
        "spec.interfaces[1].wire.to: \"a\" is declared before"
      ),
      (
        "{interfaces: [{name: a, wire: {to: b}}, b]}",
        "spec.interfaces[1]: \"b\" is the other port of \"a\" before"
      ),
      (
        "{interfaces: [{name: a, wire: {to: b}}, {name: b, wire: {to: a}}]}",
        "spec.interfaces[1]: \"b\" is the other port of \"a\" before"
      ),
      (
        "{interfaces: [{name: a, wire: {to: b}}, {name: c, wire: {to: b}}]}",
        "spec.interfaces[1].wire.to: \"b\" is the other port of \"a\" before"
      ),
      (
        "{interfaces: [{name: a, wire: {to: b}}, {name: a, wire: {to: c}}]}",
        "\"a\" is declared differently before"
      ),
      ("{capacities: {drops: 0}}", "expected a number from 1 to 16777216"),
      ("{capacities: {drops: 16777217}}", "expected a number from 1 to 16777216"),
      ("{hook: {object: a.o}}", "spec.hook.object: \"a.o\" is not an absolute path"),
      (
        "{hook: {object: none, program: a}}",
        "spec.hook.program: is of no use without an object"
      ),
      (
        "{hook: {object: /a, onMissing: ask}}",
        "spec.hook.onMissing: \"ask\" is not known; expected pass or drop"
      ),
      ("{hook: {program: a}}", "spec.hook: has no object; expected an absolute path, or none"),
      ("{geo: /a}", "spec.geo: \"/a\"; expected a list of files"),
      ("{geo: [/a, b]}", "spec.geo[1]: \"b\" is not an absolute path"),
      ("{capacities: []}", "expected a mapping with some of drops, keys, sources, users"),
      ("{capacities: {users: 1048577}}", "expected a number from 1 to 1048576"),
      ("{relay: on}", "spec.relay: \"on\"; expected a mapping with some of listen, portRange"),
      ("{relay: {}}", "spec.relay: has no listen; expected an address and a port"),
      ("{relay: {listen: '192.0.2.1:1'}}", "spec.relay: has no portRange; expected a range"),
      ("{relay: {listen: 192.0.2.1, portRange: 2-3}}", "relay.listen: \"192.0.2.1\" has no port"),
      (
        "{relay: {listen: ['192.0.2.1:1', '192.0.2.2:1'], portRange: 2-3}}",
        "spec.relay.listen: \"192.0.2.2:1\" is a second IPv4 address"
      ),
      (
        "{relay: {listen: ['192.0.2.1:1', '[::2]:2'], portRange: 3-4}}",
        "spec.relay.listen: \"[::2]:2\" has another port than 192.0.2.1:1"
      ),
      (
        "{relay: {listen: '192.0.2.1:3', portRange: 2-4}}",
        "spec.relay.portRange: \"2-4\" has the port 3, where clients send to"
      ),
      (
        "{relay: {listen: '192.0.2.1:3', portRange: 20}}",
        "spec.relay.portRange: \"20\" is not a range of ports"
      ),
      (
        "{relay: {listen: '192.0.2.1:1', portRange: 2-4, keyFile: relay.key}}",
        "spec.relay.keyFile: \"relay.key\" is not an absolute path"
      ),
      (
        "{relay: {listen: '192.0.2.1:1', portRange: 2-4, forward: [a, b/c]}}",
        "spec.relay.forward[1]: \"b/c\" has a slash"
      ),
      (
        "{relay: {listen: '192.0.2.1:1', portRange: 2-4, forward: [none, a]}}",
        "spec.relay.forward: \"none\" goes with no interface"
      ),
      (
        "{relay: {listen: [], portRange: 2-4}}",
        "spec.relay.portRange: is of no use with an empty listen"
      ),
    ])
  func mistakes(_ spec: String, _ message: String) {
    let errors = Self.read(spec).errors
    #expect(errors.count == 1 && errors[0].message.contains(message), "\(errors)")
  }

  @Test func capacitiesMustAgree() {
    let errors = Self.read("{capacities: {drops: 8}}", "{capacities: {drops: 9}}").errors
    #expect(
      errors.map(\.message) == ["host.yaml:3: spec.capacities.drops: is 8 in another document"])
  }
}
