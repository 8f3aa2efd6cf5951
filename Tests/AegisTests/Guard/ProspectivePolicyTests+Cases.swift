extension ProspectivePolicyTests {
  static let drops = [
    JudgedChange([], [], "-"),
    JudgedChange([], ["drop 192.0.2.9"], "drop 192.0.2.9"),
    JudgedChange([], ["drop 192.0.2.8"], "-"),
    JudgedChange([], ["drop ::/0", "drop 192.0.3.0/24"], "-"),
    JudgedChange([], ["drop 192.0.2.8/31", "drop 0.0.0.0/0"], "drop 192.0.2.8/31"),
    JudgedChange(["drop 192.0.2.0/24"], ["drop 192.0.2.9"], "drop 192.0.2.9"),
    JudgedChange(["drop 192.0.2.9"], ["drop 192.0.2.0/24"], "drop 192.0.2.9"),
    JudgedChange(["drop 192.0.2.9"], ["undrop 192.0.2.9"], "-"),
    JudgedChange(
      ["drop 192.0.2.9", "drop 192.0.0.0/16"], ["undrop 192.0.2.9"], "drop 192.0.0.0/16"),
    JudgedChange(
      ["drop 192.0.2.8/30", "drop 192.0.2.0/24", "drop 0.0.0.0/0"],
      ["undrop 192.0.2.8/30", "undrop 192.0.2.0/24"], "drop 0.0.0.0/0"),
    JudgedChange(["drop 0.0.0.0/0"], ["undrop 0.0.0.0/0"], "-"),
    JudgedChange(["key any"], ["drop 192.0.2.9"], "drop 192.0.2.9"),
    JudgedChange(["protect any"], ["drop 192.0.2.9"], "-"),
    JudgedChange(["protect any:22/tcp"], ["drop 0.0.0.0/0"], "-"),
    JudgedChange(["protect any:23/tcp"], ["drop 0.0.0.0/0"], "drop 0.0.0.0/0"),
    JudgedChange(["protect 192.0.2.0/24:22"], ["drop 0.0.0.0/0"], "-"),
    JudgedChange(["drop 192.0.2.9", "protect any"], ["key any"], "drop 192.0.2.9"),
    JudgedChange(["drop 192.0.2.9", "protect any"], ["unkey any"], "drop 192.0.2.9"),
    JudgedChange(["drop 192.0.2.9", "protect any", "protect any:22"], ["unkey any"], "-"),
    JudgedChange(
      ["drop 192.0.2.9", "protect 192.0.2.0/24", "protect 192.0.0.0/16"], ["unkey 192.0.2.0/24"],
      "-"
    ),
  ]

  static let keys = [
    JudgedChange([], ["deny"], "no key"),
    JudgedChange(["deny"], [], "no key"),
    JudgedChange(["deny"], ["allow"], "-"),
    JudgedChange(["key any"], ["deny"], "-"),
    JudgedChange(["key any/tcp"], ["deny"], "-"),
    JudgedChange(["key any:22"], ["deny"], "-"),
    JudgedChange(["key 192.0.2.9:22/tcp"], ["deny"], "-"),
    JudgedChange(["key 192.0.2.9"], ["deny"], "-"),
    JudgedChange(["key 0.0.0.0/0:22/tcp"], ["deny"], "-"),
    JudgedChange(["key ::/0"], ["deny"], "no key"),
    JudgedChange(["key any:22/udp"], ["deny"], "no key"),
    JudgedChange(["key any:23/tcp"], ["deny"], "no key"),
    JudgedChange(["key any/icmp"], ["deny"], "no key"),
    JudgedChange(["key 192.0.2.8:22/tcp"], ["deny"], "no key"),
    JudgedChange(["protect 192.0.2.9:22/tcp"], ["deny"], "-"),
    JudgedChange([], ["deny", "key any"], "-"),
    JudgedChange(["deny", "key any:22/tcp"], ["unkey any:22/tcp"], "no key"),
    JudgedChange(["deny", "key any:22/tcp", "key any"], ["unkey any:22/tcp"], "-"),
    JudgedChange(
      ["deny", "key 192.0.2.0/24", "key 192.0.0.0/16"], ["unkey 192.0.2.0/24"], "-"),
    JudgedChange(
      ["deny", "key 192.0.2.0/24", "key 192.0.0.0/16"],
      ["unkey 192.0.2.0/24", "unkey 192.0.0.0/16"], "no key"),
    JudgedChange(["deny", "key any:22/tcp"], ["key any:22/tcp"], "-"),
    JudgedChange(["deny"], ["key 192.0.2.0/24:22/tcp"], "-"),
  ]

  static let modes = [
    JudgedChange(["monitor"], ["deny"], "-"),
    JudgedChange(["monitor", "drop 192.0.2.9"], ["enforce"], "drop 192.0.2.9"),
    JudgedChange(["drop 192.0.2.9"], ["monitor"], "-"),
    JudgedChange(["suspended", "deny"], ["drop 192.0.2.9"], "-"),
    JudgedChange(["suspended", "deny"], ["confirm"], "no key"),
    JudgedChange(["suspended", "monitor", "deny"], ["confirm"], "-"),
  ]

  static let rates = [
    JudgedChange([], ["rate 1/s"], "rate 1/s all"),
    JudgedChange([], ["rate 9/s"], "rate 9/s all"),
    JudgedChange([], ["rate 10/s"], "-"),
    JudgedChange([], ["rate 599/m"], "rate 599/m all"),
    JudgedChange([], ["rate 600/m"], "-"),
    JudgedChange([], ["rate 63kbit/s"], "rate 63kbit/s all"),
    JudgedChange([], ["rate 64kbit/s"], "-"),
    JudgedChange([], ["rate 7999B/s"], "rate 7999B/s all"),
    JudgedChange([], ["rate 8kB/s"], "-"),
    JudgedChange([], ["total 1/s"], "total 1/s all"),
    JudgedChange([], ["rate 1/s port 22/tcp"], "rate 1/s port 22/tcp"),
    JudgedChange([], ["rate 1/s port 22/udp"], "-"),
    JudgedChange([], ["rate 1/s from 192.0.2.0/24"], "rate 1/s from 192.0.2.0/24"),
    JudgedChange([], ["rate 1/s from 192.0.3.0/24"], "-"),
    JudgedChange(
      [], ["total 1/s port 22/tcp from 192.0.2.0/24"], "total 1/s port 22/tcp from 192.0.2.0/24"),
    JudgedChange(["protect any"], ["rate 1/s", "total 1/s"], "-"),
    JudgedChange(["key any"], ["rate 1/s"], "rate 1/s all"),
    JudgedChange(["key any 100/s"], ["rate 1/s"], "-"),
    JudgedChange([], ["key any 1/s"], "any 1/s"),
    JudgedChange(["key any 1/s"], ["key any"], "any 1/s"),
    JudgedChange(["key any 1/s"], ["key any off"], "-"),
    JudgedChange(["key 192.0.2.0/24 1/s"], ["key 192.0.2.0/24"], "192.0.2.0/24 1/s"),
    JudgedChange(["key 192.0.0.0/16 1/s"], ["key 192.0.2.0/24"], "-"),
    // The datapath takes the key with both, whatever the source.
    JudgedChange(["key 192.0.2.9 1/s"], ["key any:22/tcp 100/s"], "-"),
    JudgedChange(["key 192.0.2.9:22/tcp 100/s"], ["key any:22/tcp 1/s"], "any:22/tcp 1/s"),
    JudgedChange(["key any:22/tcp 100/s"], ["key 192.0.2.9:22/tcp 1/s"], "-"),
    // The most specific decides.
    JudgedChange(["rate 1/s"], ["rate 100/s port 22/tcp"], "-"),
    JudgedChange(["rate 100/s port 22/tcp"], ["rate 1/s"], "-"),
    JudgedChange(["rate 100/s port 22/tcp"], ["total 1/s"], "total 1/s all"),
    JudgedChange(["rate 1/s", "rate 100/s port 22/tcp"], ["norate port 22/tcp"], "rate 1/s all"),
    JudgedChange(
      ["rate 1/s from 192.0.0.0/16", "rate 100/s from 192.0.2.0/24"],
      ["norate from 192.0.2.0/24"], "rate 1/s from 192.0.0.0/16"),
    JudgedChange(
      ["rate 1/s from 192.0.0.0/16"], ["rate 100/s from 192.0.2.0/24"], "-"),
    JudgedChange(
      ["rate 1/s from 192.0.2.0/24"], ["rate 100/s from 192.0.0.0/16"], "rate 1/s from 192.0.2.0/24"
    ),
    JudgedChange(["rate 1/s"], ["rate 100/s"], "-"),
    JudgedChange(["rate 1/s"], ["rate 10Mbit/s"], "rate 1/s all"),
    JudgedChange(["rate 1/s"], ["norate"], "-"),
    JudgedChange(["rate 1/s"], ["nototal"], "rate 1/s all"),
  ]
}
