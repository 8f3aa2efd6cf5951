@testable import TestModel

/// What somebody may do to a command line.
enum Mutation: CaseIterable {
  case drop, double, swap, insert, split, join, lead, cluster, cut

  private static let words = [
    "", "-", "--", "-1", "-.5", "-5x", "--nope", "-x", "x", "192.0.2.7", "10", "json", "-o", "-q",
    "-v", "-qv", "-qo", "-ojson", "-o=json", "-vo=", "--output", "--output=json", "--output=",
    "--pin-root", "--pin-root=/sys/fs/bpf/x", "--timeout=1s", "--quiet=yes", "--dry-run", "--ttl",
    "--note=-1", "--note=a=b", "--top", "---", "-=", "--=", "\u{e9}", "-\u{e9}", "-h", "--help",
    "--version", "status", "help",
  ]

  func apply(to line: [String], _ random: inout SeededGenerator) -> [String] {
    guard !line.isEmpty else { return [random.pick(Self.words)] }
    var line = line
    let place = random.pick(0...line.count - 1)
    switch self {
    case .drop: line.remove(at: place)
    case .double: line.insert(line[place], at: random.pick(0...line.count))
    case .swap: line.swapAt(place, random.pick(0...line.count - 1))
    case .insert: line.insert(random.pick(Self.words), at: random.pick(0...line.count))
    case .split:
      let parts = line[place].split(separator: "=", maxSplits: 1).map(String.init)
      line.replaceSubrange(place...place, with: parts)
    case .join:
      guard place + 1 < line.count else { break }
      line.replaceSubrange(place...place + 1, with: ["\(line[place])=\(line[place + 1])"])
    case .lead: line.insert(line.remove(at: place), at: 0)
    case .cluster:
      guard place + 1 < line.count, line[place + 1].hasPrefix("-") else { break }
      line.replaceSubrange(
        place...place + 1, with: [line[place] + line[place + 1].dropFirst()])
    case .cut: line[place] = String(line[place].dropLast())
    }
    return line
  }
}
