import Testing

@testable import Aegis

@Suite("SipHash-2-4")
struct SipHashTests {
  private static let key = SipHash.Key((0..<16).map { UInt8($0) })

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Of the reference implementation: the key 00 to 0f, and the message 00, 01, … of that many bytes.
  @Test(
    "is that of the reference",
    arguments: [
      (0, "310e0edd47db6f72", "a3817f04ba25a8e66df67214c7550293"),
      (1, "fd67dc93c539f874", "da87c1d86b99af44347659119b22fc45"),
      (7, "37d1018bf50002ab", "a1f1ebbed8dbc153c0b84aa61ff08239"),
      (8, "6224939a79f5f593", "3b62a9ba6258f5610f83e264f31497b4"),
      (15, "e545be4961ca29a1", "5493e99933b0a8117e08ec0f97cfc3d9"),
      (26, "f315bb5bb835d817", "9c0b53b4b3c307e87eaee08678141f66"),
      (63, "724506eb4c328a95", "5150d1772f50834a503e069a973fbd7c"),
    ])
  func reference(length: Int, short: String, long: String) {
    let message = (0..<length).map { UInt8($0) }
    #expect(Self.hex(SipHash.bytes(SipHash.hash64(message, key: Self.key))) == short)
    #expect(Self.hex(SipHash.hash128(message, key: Self.key).bytes) == long)
  }

  @Test("of a session has all three of its numbers, little endian")
  func session() {
    let key = RelayKey(number: 1, secret: Self.key)
    let message: [UInt8] = [4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9]
    #expect(
      key.secret(ofSession: 0x0102_0304, expires: 0x0506_0708, user: 0x090a_0b0c)
        == SipHash.hash128(message, key: Self.key))
  }

  @Test("keys are not in what is printed of them")
  func secrecy() {
    let key = RelayKey(number: 7, secret: SipHash.Key(low: 4711, high: 815))
    var text = ""
    dump(key, to: &text)
    for shown in ["\(key)", String(reflecting: key), text] {
      #expect(shown.contains("7") && !shown.contains("4711") && !shown.contains("815"))
    }
  }
}
