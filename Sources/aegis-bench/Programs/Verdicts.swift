/// How many packets came to a subject, and what became of them.
struct Verdicts {
  var passed: UInt64 = 0
  var dropped: UInt64 = 0

  var total: UInt64 { passed + dropped }

  static func - (left: Verdicts, right: Verdicts) -> Verdicts {
    Verdicts(passed: left.passed &- right.passed, dropped: left.dropped &- right.dropped)
  }
}
