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
    let watched = GuardedFlow.ssh(session.peer, port: session.port, role: .session)
    #expect(watched.key.description == key)
    #expect(watched.protocol == .tcp)
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
}
