internal import CAegis

/// A set of rules, by their places in their order.
struct RuleBits: Hashable {
  private(set) var words = SIMD4<UInt64>()

  static let none = RuleBits()

  subscript(place: Int) -> Bool {
    get { (words[place / 64] >> UInt64(place % 64)) & 1 == 1 }
    set {
      let bit: UInt64 = 1 << UInt64(place % 64)
      if newValue { words[place / 64] |= bit } else { words[place / 64] &= ~bit }
    }
  }

  mutating func flip(_ place: Int) { words[place / 64] ^= 1 << UInt64(place % 64) }

  mutating func subtract(_ other: RuleBits) { words &= ~other.words }

  /// Which of its words are not 0, a bit each.
  var live: UInt16 {
    (0..<4).reduce(0) { $0 | (words[$1] == 0 ? 0 : 1 << UInt16($1)) }
  }

  func store(at pointer: UnsafeMutablePointer<UInt64>) {
    for word in 0..<4 { pointer[word] = words[word] }
  }
}

/// The ranges of numbers at whose beginning the rules change that leave a value.
struct RuleRanges<Number: FixedWidthInteger & Sendable> {
  /// Where rules begin or end to leave a value.
  private var changes: [(at: Number, rule: Int)] = []
  /// The rules that leave the value 0.
  private var first = RuleBits()

  /// - Parameter ranges: The values that the rule leaves, in order, none touching the next one.
  mutating func add(_ ranges: some Sequence<ClosedRange<Number>>, of rule: Int) {
    for range in ranges {
      if range.lowerBound == 0 {
        first[rule] = true
      } else {
        changes.append((range.lowerBound, rule))
      }
      if range.upperBound < .max { changes.append((range.upperBound + 1, rule)) }
    }
  }

  /// The beginnings of the ranges, from 0 on, with the rules of each; two neighbours may have the same.
  var pieces: [(start: Number, rules: RuleBits)] {
    var pieces: [(start: Number, rules: RuleBits)] = [(0, first)]
    for change in changes.sorted(by: { $0.at < $1.at }) {
      if pieces[pieces.count - 1].start != change.at {
        pieces.append((change.at, pieces[pieces.count - 1].rules))
      }
      pieces[pieces.count - 1].rules.flip(change.rule)
    }
    return pieces
  }
}

/// The classes of a dimension: values that the same rules leave are alike.
struct RuleClassNumbers<Key: Hashable> {
  private(set) var all: [Key] = []
  private var numbers: [Key: UInt16] = [:]

  mutating func number(of key: Key) -> UInt16 {
    if let known = numbers[key] { return known }
    let number = UInt16(clamping: all.count)
    numbers[key] = number
    all.append(key)
    return number
  }
}
