import Testing

@testable import Aegis

@Suite("Lifetimes")
struct LifetimeTests {
  @Test("are for good", arguments: ["never", "Never", "0", "0s", "-1", "-1s"])
  func forGood(text: String) throws {
    #expect(try Lifetime(text) == .forGood)
  }

  @Test(
    "are durations, of more than ten years too",
    arguments: [
      ("90s", 90), ("1h30m", 5400), ("4000d", 345_600_000), ("9999999999", 9_999_999_999),
      ("182500d", 15_768_000_000),
    ] as [(String, Int64)])
  func limited(text: String, seconds: Int64) throws {
    #expect(try Lifetime(text) == .limited(.seconds(seconds)))
    let left = secondsUntil(EntryEdit(end: .after(.seconds(seconds))).expires ?? 0)
    #expect(abs(left - Double(seconds)) < 60)
  }

  /// In seconds from now.
  private func secondsUntil(_ expires: UInt64) -> Double {
    Double(expires - ClockReading.now().boottime) / 1e9
  }

  @Test(
    "are nothing else",
    arguments: ["", "-2", "-1m", "-", "-0", "forever", "0m", "182500d1s", "99999999999999999999s"])
  func refused(text: String) {
    #expect(throws: InputError.self) { try Lifetime(text) }
  }
}
