/// A moment on the wall clock, in milliseconds.
public struct WallTime: Hashable, Sendable {
  /// Since the Unix epoch, without leap seconds.
  public let milliseconds: Int64

  public init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }
}

extension WallTime: CustomStringConvertible {
  /// RFC 3339 in UTC: `2026-12-01T08:00:00Z`, or `2026-12-01T08:00:00.250Z`.
  public var description: String {
    let (days, rest) = Self.divide(milliseconds, by: 86_400_000)
    let date = CivilDate(daysSinceEpoch: days)
    let (seconds, fraction) = (rest / 1000, rest % 1000)
    let time = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { Self.padded($0, 2) }
    let day = [Self.padded(date.year, 4), Self.padded(date.month, 2), Self.padded(date.day, 2)]
    return day.joined(separator: "-") + "T" + time.joined(separator: ":")
      + (fraction == 0 ? "" : "." + Self.padded(fraction, 3)) + "Z"
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// Rounds down, also below zero.
  private static func divide(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
    let rest = (value % divisor + divisor) % divisor
    return ((value - rest) / divisor, rest)
  }
}

/// A day of the Gregorian calendar, counted by eras of 400 years that begin in March.
struct CivilDate {
  let year: Int64
  let month: Int64
  let day: Int64

  private static let daysOfEra: Int64 = 146_097
  /// The number of days from 1 March of the year 0 to the Unix epoch.
  private static let epoch: Int64 = 719_468

  init(daysSinceEpoch: Int64) {
    let days = daysSinceEpoch + Self.epoch
    let era = (days >= 0 ? days : days - Self.daysOfEra + 1) / Self.daysOfEra
    let ofEra = days - era * Self.daysOfEra
    let leaps = ofEra / 1460 - ofEra / 36_524 + ofEra / (Self.daysOfEra - 1)
    let yearOfEra = (ofEra - leaps) / 365
    let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let fromMarch = (5 * ofYear + 2) / 153
    day = ofYear - (153 * fromMarch + 2) / 5 + 1
    month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// nil for a day that does not exist.
  init?(year: Int64, month: Int64, day: Int64) {
    self.year = year
    self.month = month
    self.day = day
    guard 1...12 ~= month, 1...31 ~= day else { return nil }
    let same = CivilDate(daysSinceEpoch: daysSinceEpoch)
    guard (same.month, same.day) == (month, day) else { return nil }
  }

  var daysSinceEpoch: Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let ofEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + ofYear
    return era * Self.daysOfEra + ofEra - Self.epoch
  }
}
