/// How many packets a subject passed and dropped.
struct Verdicts {
  var passed: UInt64 = 0
  var dropped: UInt64 = 0

  var total: UInt64 { passed + dropped }

  static func - (left: Verdicts, right: Verdicts) -> Verdicts {
    Verdicts(passed: left.passed &- right.passed, dropped: left.dropped &- right.dropped)
  }
}
