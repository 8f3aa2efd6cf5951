import Testing

/// A document with one mistake, and what is said about it.
struct PolicyMistake: Sendable, CustomTestStringConvertible {
  let text: String
  let message: String
  let hint: String?

  var testDescription: String { message }

  private init(_ text: String, _ message: String, hint: String? = nil) {
    self.text = text
    self.message = "policy.yaml:" + message
    self.hint = hint
  }

  /// Below `spec:`, which is line 3.
  private static func spec(_ text: String, _ message: String, hint: String? = nil) -> Self {
    let head = "apiVersion: aegis/v1\nkind: Policy\nspec:\n"
    return Self(head + text, message, hint: hint)
  }

  private static let source = "an address or prefix such as 192.0.2.1 or 192.0.2.0/24"
  private static let time = "RFC 3339 such as 2026-12-01T08:00:00Z"
  private static let burst = "packets such as 200 or 10k, or bytes such as 65536 or 1MB"
  private static let rate = "a rate such as 1000/s, 50k/s, 600/m or 10Mbit/s"

  static let all = syntax + document + settings + entries + users + lists + rules

  private static let syntax = [
    Self(
      "", "1: is empty", hint: "a policy file begins with apiVersion: aegis/v1 and kind: Policy"),
    Self(
      "# nothing\n---\n", "1: is empty",
      hint: "a policy file begins with apiVersion: aegis/v1 and kind: Policy"),
    Self("a: b\nc: d: e\n", "2: is not YAML: mapping values are not allowed in this context"),
    Self(
      "a:\n\t- b\n", "2: is not YAML: found character that cannot start any token",
      hint: "YAML indents with spaces, and a tab is not allowed there"),
    Self(
      "a:\n  b: 1\n\tc: 2\n", "3: is not YAML: found a tab character that violates indentation",
      hint: "YAML indents with spaces, and a tab is not allowed there"),
    Self(
      "kind: Policy\nspec: {}\n  # here\n  drops: []\n",
      "4: is not YAML: did not find expected key",
      hint: "spec: {} is a complete value: remove the {} if lines below belong to it"),
    Self(
      "spec:\n  drops: []\n  - 192.0.2.1\n",
      "3: is not YAML: did not find expected key",
      hint: "drops: [] is a complete value: remove the [] if lines below belong to it"),
    Self(
      "{kind: Policy}\nspec: {}\n", "2: is not YAML: did not find expected <document start>",
      hint: "the document ends above this line; another one begins with ---"),
    Self("a: [b\n", "2: is not YAML: did not find expected ',' or ']'"),
    Self("a: b\nc: \u{7}\n", "2: is not YAML: control characters are not allowed"),
    Self(
      "a: &x [1]\n", "1: anchors are refused: \"&x\"",
      hint: "write the value out where it is needed"),
    Self("a: 1\nb: *x\n", "2: aliases are refused: \"*x\"", hint: "write the value out"),
    Self("*x : 1\n", "1: aliases are refused: \"*x\"", hint: "write the value out"),
    Self("a: !x 1\n", "1: tags are refused: \"!x\"", hint: "leave it out"),
    Self("? [a]\n: b\n", "1: the name of a field is a list or a mapping; expected a word"),
    Self(
      String(repeating: "[", count: 100_000), "1: is nested more than 16 levels deep"),
    Self(
      String(repeating: "{a: ", count: 17) + "\n", "1: is nested more than 16 levels deep"),
  ]

  private static let document = [
    Self(
      "apiVersion: aegis/v1\nkind: Policy\nmetadata: {profile: strict}\nspec:\n  lists: []\n",
      "5: spec.lists: cannot be in profile strict, because all profiles share it",
      hint: "declare it in a document of main"),
    Self(
      "hello", "1: \"hello\"; expected a mapping with some of apiVersion, kind, metadata, spec"),
    Self("kind: Policy\nspec: {}\n", "1: has no apiVersion; expected aegis/v1"),
    Self(
      "apiVersion: aegis/v2\nkind: Policy\nspec: {}\n",
      "1: apiVersion: \"aegis/v2\" is not known; expected aegis/v1", hint: "did you mean aegis/v1?"),
    Self(
      "apiVersion: aegis/v1\nkind: Dump\nspec: {}\n",
      "2: kind: \"Dump\" is not known; expected Policy or Host",
      hint: "use what dump -o yaml prints"),
    Self.spec(
      "  drops: [{source: 192.0.2.1, ttl: 1h}]\n", "4: spec.drops[0]: \"ttl\" is not a field",
      hint: "a file has a time, not a duration: expires: 2026-12-01T08:00:00Z"),
    Self(
      "apiVersion: aegis/v1\nkind: Policy\nspce: {}\nspec: {}\n",
      "3: \"spce\" is not a field", hint: "did you mean spec?"),
    Self(
      "apiVersion: aegis/v1\nkind: Policy\nmeta: {}\nspec: {}\n",
      "3: \"meta\" is not a field",
      hint: "the fields are apiVersion, kind, metadata, spec"),
    Self(
      "apiVersion: aegis/v1\nkind: Policy\nspec: {}\nkind: Policy\n",
      "4: kind: is given twice, first in line 2"),
    Self(
      "apiVersion: aegis/v1\nkind: Policy\nspec:\n",
      "3: spec: has no value; expected a mapping with some of default, replies, mode, sourcePrefix, "
        + "classes, lists, rules, rates, drops, keys, out, relay"),
  ]

  private static let settings = [
    spec(
      "  default: Deny\n", "4: spec.default: \"Deny\" is not known; expected allow or deny",
      hint: "did you mean deny?"),
    spec("  default:\n", "4: spec.default: has no value; expected allow or deny"),
    spec("  mode: [enforce]\n", "4: spec.mode: is a list; expected enforce or monitor"),
    spec(
      "  defualt: deny\n", "4: spec: \"defualt\" is not a field", hint: "did you mean default?"),
    spec(
      "  sourcePrefix: {v4: 32}\n",
      "4: spec.sourcePrefix: has no v6; expected a number from 1 to 128"),
    spec(
      "  sourcePrefix:\n    v4: 33\n    v6: 64\n",
      "5: spec.sourcePrefix.v4: \"33\" is not such a number; expected a number from 1 to 32"),
    spec(
      "  drops:\n", "4: spec.drops: has no value; expected a list of sources",
      hint: "write [] for an empty one"),
    spec("  keys: any\n", "4: spec.keys: \"any\"; expected a list of keys"),
    spec(
      "  rates:\n  - 1000/s\n",
      "5: spec.rates[0]: \"1000/s\"; expected a mapping with some of rate, burst, port, from, class, "
        + "total, algorithm, monitor"),
    spec(
      "  rates:\n  - rate: 1000\n",
      "5: spec.rates[0].rate: \"1000\" has no period; expected \(rate)",
      hint: "write a rate as 1000/s, 50k/s, 600/m or 10Mbit/s"),
    spec("  rates:\n  - port: 53/udp\n", "5: spec.rates[0]: has no rate; expected \(rate)"),
    spec(
      "  rates:\n  - {rate: 1/s, burst: 0}\n",
      "5: spec.rates[0].burst: \"0\" is not a burst: it is at least 1; expected \(burst)"),
    spec(
      "  rates:\n  - {rate: 1/s, burst: 1MB}\n",
      "5: spec.rates[0].burst: \"1MB\" is not a number of packets; expected \(burst)",
      hint: "packets: 200, 10k"),
    spec(
      "  rates:\n  - {rate: 1Gbit/s, burst: 100}\n",
      "5: spec.rates[0].burst: \"100\" is a burst that would let no frame of 1514 bytes pass; expected \(burst)",
      hint: "a burst is at least 1514 bytes, a full Ethernet frame"),
    spec(
      "  rates:\n  - {rate: 1kB/s, algorithm: fixed-window}\n",
      "5: spec.rates[0].rate: \"1kB/s\" would let no frame of 1514 bytes pass in its window; expected \(rate)",
      hint: "give a longer period, or use --algorithm token-bucket"),
    spec(
      "  rates:\n  - {rate: 1/s, burst: 3, algorithm: fixed-window}\n",
      "5: spec.rates[0].burst: a fixed window has no burst: the rate itself is the burst"),
    spec(
      "  rates:\n  - {rate: 1/s, total: yes}\n",
      "5: spec.rates[0].total: \"yes\" is neither; expected true or false"),
    spec(
      "  rates:\n  - rate: 1/s\n  - {rate: 1/s, port: 53}\n",
      "6: spec.rates[1].port: \"53\" is not a port with its protocol; "
        + "expected ports and their protocol, such as 53/udp", hint: "write PORTS/PROTO: 53/udp"),
    spec(
      "  rates:\n  - rate: 1/s\n  - rate: 2/s\n",
      "6: spec.rates[1]: there is another rate for the same packets at policy.yaml:5",
      hint: "the same packets can have one rate of packets and one of bits or bytes"),
    spec(
      "  rates:\n  - {rate: 1/h, burst: 1000000}\n",
      "5: spec.rates[0].rate: \"1/h\" is too low for a burst of 1000000; expected \(rate)",
      hint: "the largest burst at this rate is 19"),
  ]

  private static let endpoint = "an address and a port such as 198.51.100.7:51820"
  private static let packets = "a rate of packets such as 500/s, or off"

  private static func user(
    _ text: String, _ message: String, hint: String? = nil
  ) -> Self {
    spec(
      "  relay:\n    users:\n    - {\(text)}\n", "6: spec.relay.users[0]" + message, hint: hint)
  }

  private static let users = [
    spec("  relay: []\n", "4: spec.relay: is a list; expected a mapping with some of users"),
    spec(
      "  relay: {users: alice}\n", "4: spec.relay.users: \"alice\"; expected a list of users"),
    spec(
      "  out: {relay: {}}\n", "4: spec.out: \"relay\" is not a field",
      hint: "the fields are default, rules, rates, drops, keys"),
    user("user: alice", ": has no to; expected \(endpoint)"),
    user(
      "user: al ice, to: '192.0.2.1:1'",
      ".user: \"al ice\" is not the name of a user; expected a name such as alice",
      hint: "use letters, digits, -, _, . and @, as in alice"),
    user(
      "user: alice, to: 192.0.2.1", ".to: \"192.0.2.1\" has no port; expected \(endpoint)",
      hint: "write it as 192.0.2.1:4500 or [2001:db8::1]:4500"),
    user(
      "user: alice, to: '192.0.2.1:1', rate: 10Mbit/s",
      ".rate: \"10Mbit/s\" is not a rate of packets; expected \(packets)",
      hint: "write it as 10000/s or 50k/s"),
    user(
      "user: alice, to: '192.0.2.1:1', burst: 5", ".burst: needs a rate beside it"),
    user(
      "user: alice, to: '192.0.2.1:1', rate: 'off', burst: 5",
      ".burst: \"5\" needs a rate; expected packets such as 200 or 10k"),
    user(
      "user: alice, to: '192.0.2.1:1', ttl: 1h", ": \"ttl\" is not a field",
      hint: "a file has a time, not a duration: expires: 2026-12-01T08:00:00Z"),
    user(
      "user: alice, to: '192.0.2.1:1', expires: tomorrow",
      ".expires: \"tomorrow\" is not a time; expected \(time)"),
    user(
      "user: alice, to: '192.0.2.1:1', secret: 00", ": \"secret\" is not a field",
      hint: "the fields are user, to, rate, burst, expires"),
    spec(
      "  relay:\n    users:\n    - {user: a, to: '192.0.2.1:1'}\n    - {user: a, to: '192.0.2.1:2'}\n",
      "7: spec.relay.users[1]: \"a\" is declared differently at policy.yaml:6"),
  ]

  private static func list(
    _ text: String, _ message: String, hint: String? = nil
  ) -> Self {
    spec("  lists:\n  - {\(text)}\n", "5: spec.lists[0]" + message, hint: hint)
  }

  private static let lists = [
    spec(
      "  lists:\n", "4: spec.lists: has no value; expected a list of lists",
      hint: "write [] for an empty one"),
    spec(
      "  lists: [scanners]\n",
      "4: spec.lists[0]: \"scanners\"; expected a mapping with some of name, action, direction, "
        + "monitor, note, expires, entries, file"),
    spec(
      "  out: {lists: []}\n", "4: spec.out: \"lists\" is not a field",
      hint: "the fields are default, rules, rates, drops, keys"),
    list("action: none", ": has no name; expected a name such as fail2ban-sshd"),
    list(
      "name: manual",
      ".name: \"manual\" is the list of drop-ip, which has no properties of its own; "
        + "expected a name such as fail2ban-sshd"),
    list(
      "name: two words",
      ".name: \"two words\" is not a name; expected a name such as fail2ban-sshd",
      hint: "use letters, digits, -, _ and ., as in fail2ban-sshd"),
    list(
      "name: \(String(repeating: "a", count: 40))",
      ".name: \"\(String(repeating: "a", count: 40))\" is longer than 39 bytes; "
        + "expected a name such as fail2ban-sshd"),
    list(
      "name: a, action: count", ".action: \"count\" is not known; expected drop or none"),
    list(
      "name: a, direction: Out", ".direction: \"Out\" is not known; expected in, out, both",
      hint: "did you mean out?"),
    list("name: a, monitor: yes", ".monitor: \"yes\" is neither; expected true or false"),
    list(
      "name: a, note: ' '",
      ".note: \" \" is blank, not a note; expected a text of at most 63 bytes"),
    list(
      "name: a, expires: tomorrow", ".expires: \"tomorrow\" is not a time; expected \(time)"),
    list(
      "name: a, ttl: 24h", ": \"ttl\" is not a field",
      hint: "a file has a time, not a duration: expires: 2026-12-01T08:00:00Z"),
    list("name: a, entrys: []", ": \"entrys\" is not a field", hint: "did you mean entries?"),
    list(
      "name: a, entries: 192.0.2.1", ".entries: \"192.0.2.1\"; expected a list of sources"),
    list(
      "name: a, entries: null", ".entries: has no value; expected a list of sources",
      hint: "write [] for an empty one"),
    list(
      "name: a, entries: [192.0.2.1, 10.0.0.1/8]",
      ".entries[1]: \"10.0.0.1/8\" has host bits set; expected \(source)",
      hint: "did you mean 10.0.0.0/8 or 10.0.0.1?"),
    list(
      "name: a, entries: [[b]]",
      ".entries[0]: is a list; expected a text, or a mapping with some of source, note, "
        + "expires, monitor"),
    list(
      "name: a, entries: [{source: 192.0.2.1, note: ' '}]",
      ".entries[0].note: \" \" is blank, not a note; expected a text of at most 63 bytes"),
    list(
      "name: a, entries: [192.0.2.1, {source: 192.0.2.1, monitor: true}]",
      ".entries[1]: \"192.0.2.1\" is declared differently at policy.yaml:5"),
    list(
      "name: a, file: [b]", ".file: is a list; expected a path such as /etc/aegis/blocklist.txt"),
    list(
      "name: a, file: /nowhere/list",
      ".file: cannot read /nowhere/list: No such file or directory"),
    list(
      "name: a, entries: [], file: /dev/null", ".file: cannot be used with entries"),
    list(
      "name: a, file: /dev/null", ".file: /dev/null has no entries",
      hint: "entries: [] is an empty list"),
    spec(
      "  lists:\n  - {name: a}\n  - {name: a, monitor: true}\n",
      "6: spec.lists[1]: \"a\" is declared differently at policy.yaml:5"),
    spec(
      "  lists:\n  - {name: a}\n  - {name: a, entries: []}\n",
      "6: spec.lists[1]: \"a\" is declared differently at policy.yaml:5"),
    spec(
      "  lists:\n  - {name: a, entries: [192.0.2.1]}\n  - {name: a, entries: [192.0.2.2]}\n",
      "6: spec.lists[1]: \"a\" is declared differently at policy.yaml:5"),
  ]

  private static func rule(
    _ text: String, _ message: String, hint: String? = nil
  ) -> Self {
    spec(
      "  rules:\n  - {name: a, \(text)}\n", "5: spec.rules[0]" + message, hint: hint)
  }

  private static func match(
    _ text: String, _ message: String, hint: String? = nil
  ) -> Self {
    rule("then: drop, match: {\(text)}", ".match" + message, hint: hint)
  }

  private static let ports = "ports such as 80, 8000-8099 or 53/udp"
  private static let rateOrOff = rate + ", or off"

  private static let rules = [
    spec(
      "  rules:\n", "4: spec.rules: has no value; expected a list of rules",
      hint: "write [] for an empty one"),
    spec(
      "  rules: [a]\n",
      "4: spec.rules[0]: \"a\"; expected a mapping with some of name, match, not, then, rate, burst, "
        + "total, algorithm, monitor, note, expires"),
    spec(
      "  rules: [{then: drop}]\n",
      "4: spec.rules[0]: has no name; expected a name such as dns-amplification"),
    rule("note: x", ": has no then; expected drop, allow, limit or hook"),
    rule(
      "then: reject", ".then: \"reject\" is not known; expected drop, allow, limit or hook"),
    rule("then: drop, macth: {}", ": \"macth\" is not a field", hint: "did you mean match?"),
    rule("then: drop, rate: 1/s", ".rate: needs then: limit"),
    rule("then: allow, total: true", ".total: needs then: limit"),
    rule("then: hook, rate: 1/s", ".rate: needs then: limit"),
    rule("then: hook, burst: 5", ".burst: needs then: limit"),
    rule("then: hook, total: true", ".total: needs then: limit"),
    spec(
      "  out: {rules: [{name: a, then: hook}]}\n",
      "4: spec.out.rules[0].then: only packets that come in are given to the hook"),
    rule(
      "then: limit", ": has no rate, which limit needs; expected \(rateOrOff)"),
    rule(
      "then: limit, rate: 'off', burst: 5", ".burst: needs a rate other than off"),
    rule(
      "then: limit, rate: 0/s",
      ".rate: \"0/s\" would let nothing pass; expected \(rateOrOff)",
      hint: "to remove the limit, use off"),
    rule(
      "then: limit, rate: 5/s, burst: lots",
      ".burst: \"lots\" is not a burst; expected \(burst)",
      hint: "packets: 200, 10k"),
    rule("then: drop, monitor: yes", ".monitor: \"yes\" is neither; expected true or false"),
    rule(
      "then: drop, ttl: 1h", ": \"ttl\" is not a field",
      hint: "a file has a time, not a duration: expires: 2026-12-01T08:00:00Z"),
    match(
      "form: '::1'", ": \"form\" is not a field", hint: "did you mean from?"),
    match(
      "from: [192.0.2.1, 10.0.0.1/8]",
      ".from[1]: \"10.0.0.1/8\" has host bits set; "
        + "expected an address, a prefix, list:NAME or any",
      hint: "did you mean 10.0.0.0/8 or 10.0.0.1?"),
    match(
      "port: 80000", ".port: \"80000\" is not a port from 0 to 65535; expected \(ports)",
      hint: "write a number, a range such as 1-5, or several with commas between them"),
    match(
      "port: [80, 9-1]", ".port[1]: \"9-1\" ends before it begins; expected \(ports)",
      hint: "write 1-9"),
    match(
      "port: [80/tcp, 53/udp]", ".port: has ports of different protocols",
      hint: "the protocol is the same for all of them: write 80,443/tcp"),
    match(
      "sourcePort: [80/tcp, 53]", ".sourcePort: has ports of different protocols",
      hint: "the protocol is the same for all of them: write 80,443/tcp"),
    match("port: []", ".port: is an empty list; expected \(ports)"),
    match("port: null", ".port: has no value; expected \(ports)"),
    match("port: [[80]]", ".port[0]: is a list; expected \(ports)"),
    match("fragment: 1", ".fragment: \"1\" is neither; expected true or false"),
    match(
      "tcpFlags: [syn, fin/fin]",
      ".tcpFlags: has a mask in a list; expected flags such as syn/fin,syn,rst,ack",
      hint: "write one text: syn/fin,syn,rst,ack"),
    rule(
      "then: drop, not: {vlan: 4095}",
      ".not.vlan: \"4095\" is not a VLAN from 0 to 4094; expected a number from 0 to 4094",
      hint: "write a number, a range such as 1-5, or several with commas between them"),
    rule(
      "then: drop, match: [80]",
      ".match: is a list; expected a mapping with some of from, to, protocol, port, sourcePort, "
        + "class, tcpFlags, icmp, length, hopLimit, dscp, vlan, fragment, interface, socket"),
    spec(
      "  rules:\n  - {name: a, then: drop}\n  - {name: a, then: drop}\n",
      "6: spec.rules[1]: there is another rule \"a\" at policy.yaml:5"),
    spec(
      "  out: {rules: [{name: a, then: drop, match: {hopLimit: 256}}]}\n",
      "4: spec.out.rules[0].match.hopLimit: \"256\" is not a hop limit from 0 to 255; "
        + "expected numbers such as 1-5",
      hint: "write a number, a range such as 1-5, or several with commas between them"),
  ]

  private static let entries = [
    spec(
      "  drops:\n  - 192.0.2.1\n  - source: 192.0.2.2\n    expires: tomorrow\n",
      "7: spec.drops[1].expires: \"tomorrow\" is not a time; expected \(time)"),
    spec(
      "  drops:\n  - {source: 192.0.2.2, expires: 2026-02-30T00:00:00Z}\n",
      "5: spec.drops[0].expires: \"2026-02-30T00:00:00Z\" is not a time; expected \(time)"),
    spec(
      "  drops:\n  - {source: 192.0.2.2, expires: 9999-01-01T00:00:00Z}\n",
      "5: spec.drops[0].expires: \"9999-01-01T00:00:00Z\" is too far ahead",
      hint: "leave it out for an entry that never expires"),
    spec(
      "  drops: [10.0.0.1/8]\n",
      "4: spec.drops[0]: \"10.0.0.1/8\" has host bits set; expected \(source)",
      hint: "did you mean 10.0.0.0/8 or 10.0.0.1?"),
    spec(
      "  drops:\n  - sorce: 10.0.0.1\n    source: 10.0.0.1\n",
      "5: spec.drops[0]: \"sorce\" is not a field", hint: "did you mean source?"),
    spec(
      "  drops: [[a]]\n",
      "4: spec.drops[0]: is a list; expected a text, or a mapping with some of source, note, "
        + "expires, monitor"),
    spec(
      "  drops: [null]\n",
      "4: spec.drops[0]: has no value; expected a text, or a mapping with some of source, note, "
        + "expires, monitor"),
    spec(
      "  drops:\n  - {source: 192.0.2.1, note: ' '}\n",
      "5: spec.drops[0].note: \" \" is blank, not a note; expected a text of at most 63 bytes"),
    spec(
      "  drops:\n  - 192.0.2.1\n  - {source: 192.0.2.1, monitor: true}\n",
      "6: spec.drops[1]: \"192.0.2.1\" is declared differently at policy.yaml:5"),
    spec(
      "  keys: ['any:22/icmp']\n",
      "4: spec.keys[0]: \"any:22/icmp\" has port 22, but icmp has no ports; "
        + "expected a key such as 203.0.113.7:22/tcp or any:443/tcp",
      hint: "only tcp, udp and sctp have ports"),
    spec(
      "  keys:\n  - {key: any, protect: true, rate: 1/s}\n",
      "5: spec.keys[0].rate: a protected key is never limited"),
    spec("  keys:\n  - {key: any, burst: 1}\n", "5: spec.keys[0].burst: needs a rate beside it"),
    spec(
      "  keys:\n  - {key: any, monitor: true}\n", "5: spec.keys[0].monitor: needs a rate beside it"),
    spec(
      "  keys:\n  - any\n  - {key: any, protect: true}\n",
      "6: spec.keys[1]: \"any\" is declared differently at policy.yaml:5"),
  ]
}
