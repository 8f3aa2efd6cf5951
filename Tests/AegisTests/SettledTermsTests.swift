import CAegis
import Linux
import Testing

@testable import Aegis

@Suite("Ends of entries")
struct SettledTermsTests {
  private static let now = Clock.boottime()
  private static let hour: UInt64 = 3_600_000_000_000

  /// When an entry ends that ended at `old`, in hours from now; nil is never.
  private static func end(_ terms: Terms, over old: Double?, isThere: Bool = true) -> Double? {
    var entry = aegis_entry()
    entry.expires = old.map { UInt64(Double(now) + $0 * Double(hour)) } ?? 0
    let settled = SettledTerms(terms, note: nil)
    let made = settled.entry(
      over: isThere ? entry : nil, at: now, protected: false, prefixLength: 32)
    guard made.expires != 0 else { return nil }
    // What was kept is exact, what is new later by what the test took until then.
    if made.expires == entry.expires { return old }
    return ((Double(made.expires) - Double(now)) / Double(hour) * 1000).rounded() / 1000
  }

  @Test func areSetAnew() {
    #expect(Self.end(Terms(lifetime: .seconds(3600)), over: 2) == 1)
    #expect(Self.end(Terms(lifetime: .seconds(3600)), over: nil) == 1)
    #expect(Self.end(Terms(lifetime: nil), over: 2) == nil)
    #expect(Self.end(Terms(lifetime: .seconds(3600)), over: 0, isThere: false) == 1)
  }

  @Test func areExtendedOnly() {
    let hour = Terms(end: .after(.seconds(3600)), extends: true)
    #expect(Self.end(hour, over: 2) == 2)
    #expect(Self.end(hour, over: 0.5) == 1)
    #expect(Self.end(hour, over: nil) == nil)
    #expect(Self.end(hour, over: -1.0 / 3600) == 1, "what has expired is not there any more")
    #expect(Self.end(hour, over: 0, isThere: false) == 1)
    #expect(Self.end(Terms(end: .never, extends: true), over: 2) == nil)
  }

  @Test func areTheSameByTheWallClock() {
    let until = Terms(end: .at(ClockReading.now().wallTime(of: Self.now + Self.hour)))
    #expect(Self.end(until, over: 1 + 0.4 / 3600) == 1 + 0.4 / 3600)
    #expect(Self.end(until, over: 1 - 0.4 / 3600) == 1 - 0.4 / 3600)
    #expect(Self.end(until, over: 1.1) == 1)
    #expect(Self.end(until, over: nil) == 1)
    #expect(Self.end(Terms(lifetime: .seconds(3600)), over: 1 + 0.4 / 3600) == 1)
  }

  /// What is given is kept, however far it lies; what the clock of the kernel cannot hold is as far as it can.
  @Test func areKeptBeyondTenYears() {
    let fifty: UInt64 = 50 * 365 * 24
    #expect(Self.end(Terms(lifetime: .seconds(fifty * 3600)), over: nil) == Double(fifty))
    let far = WallTime(milliseconds: 253_402_300_799_000)
    let settled = SettledTerms(Terms(end: .at(far)), note: nil)
    let entry = settled.entry(over: nil, at: Self.now, protected: false, prefixLength: 32)
    #expect(entry.expires > Self.now + fifty * Self.hour)
  }
}
