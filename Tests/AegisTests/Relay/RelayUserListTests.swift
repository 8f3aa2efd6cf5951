import Testing

@testable import Aegis

@Suite("Lists of users")
struct RelayUserListTests {
  private func read(_ text: String, _ terms: RelayUserList.Terms = .init()) -> RelayUserList {
    var list = RelayUserList()
    list.read(Array(text.utf8), of: "users", terms)
    return list
  }

  @Test("have a user on each line, with its terms")
  func lines() throws {
    let list = read(
      """
      \u{feff}# users
      alice 192.0.2.1:1

      \tbob\t[2001:db8::1]:2 rate=500/s burst=7 ttl=1h # until then\r
      carol 192.0.2.3:3 until=2099-01-01T00:00:00Z rate=off
      dave 192.0.2.4:4 ttl=never
      """)
    #expect(list.errors.isEmpty, "\(list.errors.map(\.message))")
    #expect(list.requests.map(\.name.text) == ["alice", "bob", "carol", "dave"])
    let rates = list.requests.map(\.rate.rate)
    #expect(rates[0] == RelayUserRequest.defaultRate && rates[0]?.effectiveBurst == 1000)
    #expect(try rates[1] == Rate("500/s", writtenBurst: "7"))
    #expect(rates[2] == nil)
    #expect(list.requests.map { $0.expires == nil } == [true, false, false, true])
  }

  @Test("give way to what the command says")
  func terms() throws {
    let terms = RelayUserList.Terms(rate: .some(try Rate("7/s")), expires: .some(nil))
    let list = read("a 192.0.2.1:1 rate=9/s ttl=1h\nb 192.0.2.1:1", terms)
    #expect(list.requests.map { "\($0.rate.rate!)" } == ["7/s", "7/s"])
    #expect(list.requests.allSatisfy { $0.expires == nil })
  }

  @Test(
    "say what is wrong and where",
    arguments: [
      ("a", "users:1: \"a\": has no destination"),
      ("\na b", "users:2: \"b\": has no port"),
      ("é 192.0.2.1:1", "users:1: \"é\": is not the name of a user"),
      ("a 192.0.2.1:1 fast", "users:1: \"fast\": is not a term of a user"),
      ("a 192.0.2.1:1 speed=1/s", "users:1: \"speed=1/s\": is not a term of a user"),
      ("a 192.0.2.1:1 rate=", "users:1: \"\": is empty, not a rate"),
      ("a 192.0.2.1:1 rate=1/s rate=1/s", "users:1: \"rate=1/s\": is given twice"),
      ("a 192.0.2.1:1 rate=1Mbit/s", "users:1: \"1Mbit/s\": is not a rate of packets"),
      ("a 192.0.2.1:1 burst=5", "users:1: \"burst=5\": needs rate="),
      ("a 192.0.2.1:1 rate=off burst=5", "users:1: \"5\": needs a rate"),
      ("a 192.0.2.1:1 ttl=soon", "users:1: \"soon\": is not a duration"),
      ("a 192.0.2.1:1 ttl=1h until=2099-01-01T00:00:00Z", "users:1: \"ttl=1h\": cannot be used"),
      ("a 192.0.2.1:1 until=2001-01-01T00:00:00Z", "is in the past"),
      ("a 192.0.2.1:1\na 192.0.2.1:2", "users:2: \"a\": is given twice, first at users:1"),
    ])
  func invalid(text: String, message: String) {
    let list = read(text)
    #expect(list.errors.count == 1)
    #expect(list.errors.first?.message.contains(message) == true, "\(list.errors)")
    #expect(list.errors.first?.kind == .badInput)
  }

  @Test("report every line, up to twenty")
  func many() {
    #expect(read(String(repeating: "-\n", count: 7)).errors.count == 7)
    #expect(read(String(repeating: "-\n", count: 100)).errors.count == 20)
  }
}
