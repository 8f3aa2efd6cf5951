/// A sorted list of CPU numbers without duplicates.
public struct CPUList: Sendable, Equatable {
  public private(set) var numbers: [Int]

  /// The kernel's own limit, so that a range cannot use too much memory.
  private static let most = 8192

  init(_ numbers: some Sequence<Int> = []) {
    self.numbers = Set(numbers).sorted()
  }

  /// Reads what an operator writes: `2`, `2,3` or `2-5,8`.
  ///
  /// - Throws: What is wrong with it.
  public init(_ text: String) throws(InputError) {
    guard let list = CPUList(parsing: text[...]), !list.numbers.isEmpty else {
      throw InputError(
        text, "is not a list of CPUs", hint: "write numbers and ranges, such as 2, 2,3 or 2-5")
    }
    self = list
  }

  /// Reads a CPU list from the kernel, which ends in a newline; nil if it is not valid. An empty list has no CPUs.
  init?(parsing text: Substring) {
    var numbers: [Int] = []
    let text = text.last == "\n" ? text.dropLast() : text
    if text.isEmpty {
      self.init()
      return
    }
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let (first, last) = part.split(at: "-")
      guard let low = UInt64(digits: first), let high = UInt64(digits: last ?? first),
        low <= high, high < Self.most
      else { return nil }
      numbers += Int(low)...Int(high)
    }
    self.init(numbers)
  }

  var isEmpty: Bool { numbers.isEmpty }

  func subtracting(_ other: CPUList) -> CPUList {
    CPUList(Set(numbers).subtracting(other.numbers))
  }

  func union(_ other: CPUList) -> CPUList { CPUList(numbers + other.numbers) }

  /// The CPU of a queue when queues are assigned in turn.
  ///
  /// - Precondition: The list is not empty, and `queue` is not negative.
  func turn(_ queue: Int) -> CPUList { CPUList([numbers[queue % numbers.count]]) }

  /// The CPUs that a queue serves when every CPU has a queue and every queue has a CPU.
  func share(_ queue: Int, of queues: Int) -> CPUList {
    if queues >= numbers.count { return turn(queue) }
    return CPUList(numbers.indices.filter { $0 % queues == queue }.map { numbers[$0] })
  }
}

extension CPUList: CustomStringConvertible {
  /// The list in the kernel's format: `2-5,8`.
  public var description: String {
    var ranges: [(low: Int, high: Int)] = []
    for number in numbers {
      if let last = ranges.last, last.high + 1 == number {
        ranges[ranges.count - 1].high = number
      } else {
        ranges.append((number, number))
      }
    }
    return ranges.map { $0.low == $0.high ? "\($0.low)" : "\($0.low)-\($0.high)" }
      .joined(separator: ",")
  }

  /// `CPU 2` or `CPUs 2-5`, for the middle of a message.
  var phrase: String { numbers.count == 1 ? "CPU \(self)" : "CPUs \(self)" }
}
