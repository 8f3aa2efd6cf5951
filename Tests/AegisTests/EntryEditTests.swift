import Linux
import Testing

@testable import Aegis

@Suite("Ends of entries")
struct EntryEditTests {
  private static let now = Clock.boottime()
  private static let hour: UInt64 = 3_600_000_000_000

  /// When an entry ends that ended at `old`, in hours from now; nil is never.
  private static func end(_ edit: EntryEdit, over old: Double?, isThere: Bool = true) -> Double? {
    let before = Policy.Conditions(
      expires: old.map { UInt64(Double(now) + $0 * Double(hour)) })
    let made = edit.made(of: isThere ? before : nil)
    guard let expires = made.expires else { return nil }
    // What was kept is exact, what is new later by what the test took until then.
    if expires == before.expires { return old }
    return ((Double(expires) - Double(now)) / Double(hour) * 1000).rounded() / 1000
  }

  @Test func areSetAnew() {
    #expect(Self.end(EntryEdit(end: .after(.seconds(3600))), over: 2) == 1)
    #expect(Self.end(EntryEdit(end: .after(.seconds(3600))), over: nil) == 1)
    #expect(Self.end(EntryEdit(), over: 2) == nil)
    #expect(Self.end(EntryEdit(end: .after(.seconds(3600))), over: 0, isThere: false) == 1)
  }

  @Test func areExtendedOnly() {
    let hour = EntryEdit(end: .after(.seconds(3600)), extends: true)
    #expect(Self.end(hour, over: 2) == 2)
    #expect(Self.end(hour, over: 0.5) == 1)
    #expect(Self.end(hour, over: nil) == nil)
    #expect(Self.end(hour, over: 0, isThere: false) == 1)
    #expect(Self.end(EntryEdit(end: .never, extends: true), over: 2) == nil)
  }

  @Test func areTheSameByTheWallClock() {
    let until = EntryEdit(end: .at(ClockReading.now().wallTime(of: Self.now + Self.hour)))
    #expect(Self.end(until, over: 1 + 0.4 / 3600) == 1 + 0.4 / 3600)
    #expect(Self.end(until, over: 1 - 0.4 / 3600) == 1 - 0.4 / 3600)
    #expect(Self.end(until, over: 1.1) == 1)
    #expect(Self.end(until, over: nil) == 1)
    #expect(Self.end(EntryEdit(end: .after(.seconds(3600))), over: 1 + 0.4 / 3600) == 1)
  }

  /// What is given is kept, however far it lies; what the clock of the kernel cannot hold is as far as it can.
  @Test func areKeptBeyondTenYears() throws {
    let fifty: UInt64 = 50 * 365 * 24
    #expect(Self.end(EntryEdit(end: .after(.seconds(fifty * 3600))), over: nil) == Double(fifty))
    let far = WallTime(milliseconds: 253_402_300_799_000)
    let made = EntryEdit(end: .at(far)).made(of: nil)
    #expect(try #require(made.expires) > Self.now + fifty * Self.hour)
  }

  @Test func whatIsNotNamedStays() throws {
    let note = try Note("x")
    let old = Policy.Conditions(expires: Self.now + Self.hour, note: note, isMonitored: true)
    let same = EntryEdit(end: .after(.seconds(60)), extends: true)
    #expect(same.made(of: old) == old)
    #expect(EntryEdit(isMonitored: false).made(of: old) == Policy.Conditions(note: note))
    #expect(EntryEdit(isWhole: true).made(of: old).note == nil)
    #expect(EntryEdit(extends: true, note: try Note("y")).made(of: old).note == note)
  }
}
