internal import Linux

extension Policy.SourcePrefix: CustomStringConvertible {
  public var description: String { "\(v4),\(v6)" }
}

extension RateSlot {
  /// `packets all`, `bytes total port 53/udp`.
  var name: String {
    "\(isBytes ? "bytes" : "packets")\(isTotal ? " total" : "") \(selector)"
  }
}

extension Rate {
  /// `1k/s burst 200`, and whatever else differs from the default.
  var terms: String {
    var words = ["\(self)"]
    if algorithm != .fixedWindow { words.append("burst \(effectiveBurst)") }
    if algorithm != .tokenBucket { words.append(algorithm.rawValue) }
    if isMonitored { words.append("monitored") }
    return words.joined(separator: " ")
  }
}

extension Policy.Conditions {
  /// `rate 50/s burst 10`, `for 59m`, `monitored`, and the note in quotes.
  var words: [String] {
    let now = Clock.boottime()
    return [
      rate.map { "rate \($0.terms)" },
      expires.map {
        "for \(DurationText.format(.nanoseconds($0 - min(now, $0))))"
      },
      isMonitored ? "monitored" : nil,
      note.map { "\"\($0)\"" },
    ].compactMap(\.self)
  }

  var text: String { words.joined(separator: ", ") }
}
