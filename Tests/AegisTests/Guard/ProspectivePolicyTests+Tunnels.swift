extension ProspectivePolicyTests {
  /// Of a peer, 192.0.2.9, to port 4789/udp.
  static let tunnels = [
    JudgedChange([], ["deny"], "no key"),
    JudgedChange(["key 192.0.2.9:4789/udp"], ["deny"], "-"),
    JudgedChange(["key 192.0.2.9:8472/udp"], ["deny"], "no key"),
    JudgedChange([], ["drop 192.0.2.0/24"], "drop 192.0.2.0/24"),
    JudgedChange([], ["rate 1000/s"], "rate 1k/s all"),
    JudgedChange([], ["total 1000/s"], "total 1k/s all"),
    JudgedChange([], ["rate 99999/s"], "rate 99999/s all"),
    JudgedChange([], ["rate 100k/s"], "-"),
    JudgedChange([], ["rate 999Mbit/s"], "rate 999Mbit/s all"),
    JudgedChange([], ["rate 1Gbit/s"], "-"),
    JudgedChange([], ["rate 1000/s port 53/udp"], "-"),
    JudgedChange([], ["rate 1000/s port 4789/udp"], "rate 1k/s port 4789/udp"),
    JudgedChange(["rate 100k/s port 4789/udp"], ["rate 1000/s"], "-"),
    JudgedChange([], ["rate 1000/s from 192.0.3.0/24"], "-"),
    // A key without a rate of its own is no exemption.
    JudgedChange(["key 192.0.2.9:4789/udp"], ["rate 1000/s"], "rate 1k/s all"),
    JudgedChange(["key 192.0.2.9:4789/udp 1000k/s"], ["rate 1000/s"], "-"),
    JudgedChange(["key 192.0.2.9:4789/udp 10k/s"], ["rate 1000/s"], "192.0.2.9:4789/udp 10k/s"),
    JudgedChange(["protect 192.0.2.9:4789/udp"], ["rate 1000/s", "deny"], "-"),
    JudgedChange(["protect 192.0.2.9:4789/udp"], ["drop 0.0.0.0/0"], "-"),
    JudgedChange(["monitor"], ["rate 1000/s"], "-"),
  ]

  /// Of somebody, to port 4789/udp.
  static let unknownPeers = [
    JudgedChange([], ["deny"], "no key"),
    JudgedChange(["key any:4789/udp"], ["deny"], "-"),
    JudgedChange(["key 192.0.2.0/24:4789/udp"], ["deny"], "-"),
    JudgedChange(["key [2001:db8::9]:4789"], ["deny"], "-"),
    JudgedChange(["key 192.0.2.9"], ["deny"], "no key"),
    JudgedChange(["key 192.0.2.9/udp"], ["deny"], "no key"),
    JudgedChange(["key any/udp"], ["deny"], "-"),
    JudgedChange(["key any:4789/udp"], ["deny", "rate 1000/s"], "rate 1k/s all"),
    JudgedChange(["key any:4789/udp 10k/s"], ["deny"], "any:4789/udp 10k/s"),
    JudgedChange([], ["key any:4789/udp 10k/s"], "any:4789/udp 10k/s"),
    JudgedChange(["protect any:4789/udp"], ["deny", "rate 1000/s"], "-"),
    JudgedChange([], ["deny", "protect 192.0.2.9:4789/udp"], "-"),
    JudgedChange(["deny", "protect 192.0.2.9:4789/udp"], ["unkey 192.0.2.9:4789/udp"], "no key"),
    JudgedChange([], ["drop 192.0.2.0/24"], "-"),
    JudgedChange([], ["drop 0.0.0.0/0"], "drop 0.0.0.0/0"),
  ]

  /// Of somebody, where drops and keys of some hide what becomes of the others.
  static let hiddenPeers = [
    JudgedChange(["drop 0.0.0.0/8"], ["rate 1000/s"], "rate 1k/s all"),
    JudgedChange(["drop 0.0.0.0/8", "drop 1.0.0.0/8"], ["deny"], "no key"),
    JudgedChange(["drop 0.0.0.0/8"], ["key any:4789/udp 10k/s"], "any:4789/udp 10k/s"),
    JudgedChange([], ["key 192.0.2.9:4789/udp 10k/s"], "192.0.2.9:4789/udp 10k/s"),
    JudgedChange(
      ["key [2001:db8::9]:4789/udp"], ["rate 1k/s from 0.0.0.0/0"], "rate 1k/s from 0.0.0.0/0"),
    JudgedChange(
      ["key 10.0.0.0/8:4789/udp", "protect 10.0.0.0/24"], ["drop 0.0.0.0/0"], "drop 0.0.0.0/0"),
    JudgedChange(["protect 10.0.0.0/8:4789/udp", "key 10.0.0.0/24"], ["drop 0.0.0.0/0"], "-"),
  ]

  /// Of 192.0.2.50/24, likewise.
  static let hiddenServers = [
    JudgedChange(
      ["key 192.0.2.0/24:22/tcp", "protect 192.0.2.0/28"], ["drop 192.0.2.0/24"],
      "drop 192.0.2.0/24"),
    JudgedChange(["key 192.0.2.0/24:22/tcp", "key 192.0.2.0/28"], ["deny"], "no key"),
    JudgedChange(
      ["key 192.0.0.0/16", "protect 192.0.0.0/24"], ["drop 192.0.2.0/24"], "drop 192.0.2.0/24"),
    JudgedChange(["key 192.0.2.0/25", "key 192.0.2.128/25"], ["drop 192.0.2.7"], "-"),
  ]

  /// Of 192.0.2.50/24.
  static let leases = [
    JudgedChange([], ["deny"], "no key"),
    JudgedChange(["key any:68/udp"], ["deny"], "-"),
    JudgedChange([], ["deny", "key any:68/udp"], "-"),
    JudgedChange(["key 198.51.100.1:68/udp"], ["deny"], "-"),
    JudgedChange(["key 198.51.100.53/udp"], ["deny"], "no key"),
    JudgedChange(["key 192.0.2.0/24/udp"], ["deny"], "-"),
    JudgedChange(["key 192.0.2.0/25/udp"], ["deny"], "no key"),
    JudgedChange(["key any:67/udp"], ["deny"], "no key"),
    JudgedChange(["key any:68/tcp"], ["deny"], "no key"),
    JudgedChange(["deny", "key any:68/udp"], ["unkey any:68/udp"], "no key"),
    JudgedChange(["deny", "key any:68/udp", "key any:68"], ["unkey any:68/udp"], "-"),
    // A few packets get through any rate.
    JudgedChange([], ["rate 1/s"], "-"),
    JudgedChange([], ["drop 192.0.2.0/24"], "drop 192.0.2.0/24"),
    JudgedChange(["key any:68/udp"], ["drop 0.0.0.0/0"], "drop 0.0.0.0/0"),
    JudgedChange([], ["drop 192.0.2.0/25"], "-"),
    JudgedChange([], ["drop 192.0.2.0"], "-"),
    JudgedChange(["drop 192.0.2.0"], ["drop 192.0.2.0/24"], "drop 192.0.2.0/24"),
    JudgedChange(["protect any:68/udp"], ["drop 0.0.0.0/0", "deny"], "-"),
    JudgedChange(["monitor"], ["deny"], "-"),
  ]
}
