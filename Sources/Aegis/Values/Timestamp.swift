internal import BPF

/// A time by the wall clock, in UTC, to the nanosecond.
public struct Timestamp: Hashable, Sendable {
  /// Since the Unix epoch.
  public let seconds: Int64
  /// Of the second, below 10^9.
  public let nanoseconds: UInt32

  public init(seconds: Int64, nanoseconds: UInt32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Now, and as much later.
  public static func now(adding duration: Duration = .zero) -> Timestamp {
    let sum = Clock.wallTime() + duration
    let (seconds, attoseconds) = sum.components
    return Timestamp(seconds: seconds, nanoseconds: UInt32(attoseconds / 1_000_000_000))
  }

  /// From now on; nil if it has passed.
  public var remaining: Duration? {
    let left = .seconds(seconds) + .nanoseconds(Int64(nanoseconds)) - Clock.wallTime()
    return left > .zero ? left : nil
  }
}

extension Timestamp: Comparable {
  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC, to the second: `2026-12-01T08:00:00Z`.
  public var description: String {
    let (day, time) = (Int(seconds) / 86400, Int(seconds) % 86400)
    let date = CivilDate(day: time < 0 ? day - 1 : day)
    let second = time < 0 ? time + 86400 : time
    let clock = [second / 3600, second / 60 % 60, second % 60].map { Self.pad($0, 2) }
    return [Self.pad(date.year, 4), Self.pad(date.month, 2), Self.pad(date.day, 2)]
      .joined(separator: "-") + "T" + clock.joined(separator: ":") + "Z"
  }

  private static func pad(_ number: Int, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }
}
