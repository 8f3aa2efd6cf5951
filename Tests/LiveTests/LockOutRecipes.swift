import TestSupport
import Testing

/// One of the manual's ways to lock oneself out. `GATEWAY`, its `NETWORK` and `IFACE` stand for those of the
/// sandbox.
struct LockOutRecipe: CustomTestStringConvertible, Sendable {
  /// As the manual counts them.
  let number: Int
  let setUp: [String]
  let command: String
  let named: [String]
  let hint: String
  var attached = true
  /// Commands of ip(8) beforehand.
  var links: [String] = []

  var testDescription: String { "\(number): \(command)" }

  private static let session = "your SSH session from 192.0.2.9 to port 22"
  private static let key = "aegisctl allow-key 192.0.2.9:22/tcp --protect"
  private static let dns = "allow-key 198.51.100.53/udp"

  static let all = [
    LockOutRecipe(
      number: 1, setUp: [], command: "set-default deny",
      named: ["\(session) (no key allows it)", "the name server 198.51.100.53 (no key"],
      hint: "\(key) && aegisctl allow-key 198.51.100.53/udp"),
    LockOutRecipe(
      number: 2, setUp: [dns, "set-default deny --force"], command: "attach IFACE",
      named: ["\(session) (no key allows it)"], hint: key, attached: false),
    LockOutRecipe(
      number: 3, setUp: ["allow-key any:22/tcp any/udp", "set-default deny"],
      command: "allow-key --remove any:22/tcp", named: ["\(session) (no key allows it)"],
      hint: key),
    LockOutRecipe(
      number: 4, setUp: [], command: "drop-ip 192.0.2.9",
      named: ["\(session) (its address is dropped)"], hint: key),
    LockOutRecipe(
      number: 5, setUp: [], command: "drop-ip NETWORK",
      named: ["the default gateway GATEWAY (it is in "],
      hint: "aegisctl allow-key GATEWAY --protect"),
    LockOutRecipe(
      number: 6, setUp: [], command: "drop-ip 198.51.100.0/24",
      named: ["the name server 198.51.100.53 (it is in 198.51.100.0/24, which is dropped)"],
      hint: "aegisctl allow-key 198.51.100.53/udp --protect"),
    LockOutRecipe(
      number: 7, setUp: ["allow-key any"], command: "drop-ip 0.0.0.0/0",
      named: [session, "the default gateway GATEWAY", "the name server 198.51.100.53"],
      hint: "aegisctl allow-key 192.0.2.9:22/tcp GATEWAY 198.51.100.53/udp --protect"),
    LockOutRecipe(
      number: 7, setUp: [], command: "drop-ip ::/0",
      named: ["the default gateway GATEWAY6 (it is in ::/0, which is dropped)"],
      hint: "aegisctl allow-key '[GATEWAY6]' --protect"),
    LockOutRecipe(
      number: 8, setUp: ["allow-key 192.0.2.9:22/tcp --protect", "drop-ip 192.0.2.0/24"],
      command: "allow-key 192.0.2.9:22/tcp",
      named: ["\(session) (it is in 192.0.2.0/24, which is dropped)"], hint: key),
    LockOutRecipe(
      number: 9, setUp: [], command: "set-rate 1/s",
      named: ["\(session) (the rate 1/s for all is too low for it)"], hint: key),
    LockOutRecipe(
      number: 9, setUp: [], command: "set-rate 1/s --total --port 22/tcp",
      named: ["\(session) (the total rate 1/s for port 22/tcp is too low for it)"], hint: key),
    LockOutRecipe(
      number: 10, setUp: [], command: "allow-key any:22/tcp --rate 1/s",
      named: ["\(session) (the rate 1/s of any:22/tcp is too low for it)"], hint: key),
    LockOutRecipe(
      number: 11, setUp: ["allow-key 192.0.2.9:22/tcp 198.51.100.53/udp"],
      command: "set-default deny",
      named: ["the lease of 203.0.113.50 (no key allows the answers that renew it)"],
      hint: "aegisctl allow-key any:68/udp",
      links: ["addr add 203.0.113.50/24 dev IFACE valid_lft 3600 preferred_lft 3600"]),
    LockOutRecipe(
      number: 12, setUp: [], command: "set-rate 1000/s",
      named: ["the tunnel vxlan0 to GATEWAY (the rate 1k/s for all is too low for it)"],
      hint: "aegisctl allow-key GATEWAY:4789/udp --protect",
      links: [
        "link add vxlan0 type vxlan id 1 remote GATEWAY dstport 4789", "link set vxlan0 up",
      ]),
  ]

  func words(_ text: String, on host: GuardedHost) -> [String] {
    filled(text, on: host).split(separator: " ").map(String.init)
  }

  func filled(_ text: String, on host: GuardedHost) -> String {
    text.replacing("GATEWAY6", with: host.gateway6).replacing("GATEWAY", with: host.gateway)
      .replacing("NETWORK", with: host.network).replacing("IFACE", with: host.live.interface)
  }
}
