import Testing

@testable import Aegis

@Suite("Remote sessions")
struct RemoteSessionTests {
  @Test(
    "are read from SSH_CONNECTION",
    arguments: [
      ("192.0.2.1 50000 198.51.100.1 22", "192.0.2.1:22/tcp"),
      ("2001:db8::1 50000 2001:db8::2 2222", "[2001:db8::1]:2222/tcp"),
      ("::ffff:192.0.2.1 50000 ::ffff:198.51.100.1 22", "192.0.2.1:22/tcp"),
      ("fe80::1%eth0 50000 fe80::2%eth0 22", "[fe80::1]:22/tcp"),
    ])
  func reads(text: String, key: String) throws {
    let session = try #require(RemoteSession(sshConnection: text))
    #expect(session.key?.description == key)
    #expect(session.key?.source == Prefix(session.peer))
    #expect(session.key?.port == session.port)
  }

  @Test(
    "are not read from anything else",
    arguments: [
      "% 1 2 3", "192.0.2.1 1 192.0.2.2 +22", "192.0.2.1 1 192.0.2.2 0",
      "", " ", "192.0.2.1", "192.0.2.1 50000 22", "192.0.2.1 50000 198.51.100.1 ssh",
      "192.0.2.1 50000 198.51.100.1 65536", "192.0.2.1 50000 198.51.100.1 -1",
      "host 50000 198.51.100.1 22", "192.0.2.1 50000 198.51.100.1 22 23",
      "UNKNOWN 65535 UNKNOWN 65535", "192.0.2.0/24 50000 198.51.100.1 22",
    ])
  func refuses(text: String) {
    #expect(RemoteSession(sshConnection: text) == nil)
  }

  @Test(
    "are let in by a key for them and no drop, or by a protected one",
    arguments: [
      ([], [], false),
      (["any"], [], true),
      (["any:22"], [], true),
      (["any/tcp"], [], true),
      (["192.0.2.1:22/tcp"], [], true),
      (["192.0.2.0/24"], [], true),
      (["192.0.2.2"], [], false),
      (["any:23"], [], false),
      (["any/udp"], [], false),
      (["any:22/udp"], [], false),
      (["::/0"], [], false),
      (["any"], ["192.0.2.1"], false),
      (["any"], ["192.0.2.0/24"], false),
      (["any"], ["192.0.2.2", "::/0"], true),
      (["any", "!any"], ["192.0.2.1"], true),
      (["!192.0.2.1:22/tcp"], ["0.0.0.0/0"], true),
      (["!192.0.2.1:23/tcp", "any"], ["0.0.0.0/0"], false),
      (["!192.0.2.2"], [], false),
    ] as [([String], [String], Bool)])
  func isLetIn(keys: [String], drops: [String], expected: Bool) throws {
    let session = try #require(
      RemoteSession(sshConnection: "192.0.2.1 50000 198.51.100.1 22"))
    let keys = try keys.map { text in
      let isProtected = text.hasPrefix("!")
      return Self.entry(try AllowKey(text.drop { $0 == "!" }), isProtected: isProtected)
    }
    let drops = try drops.map { Self.entry(try Prefix($0), isProtected: false) }
    #expect(session.isLetIn(by: keys, drops: drops) == expected)
  }

  private static func entry<Element>(_ element: Element, isProtected: Bool) -> Entry<Element> {
    Entry(
      element: element, remaining: nil, hits: 0, note: nil, isProtected: isProtected,
      isMonitored: false, rate: nil)
  }
}
