/// Makes nearly valid input of valid input: bytes changed, taken out, doubled, and pieces of other inputs put in.
struct Mutator {
  private var random: SplitMix64
  private let seeds: [[UInt8]]
  private let tokens: [[UInt8]]

  init(seed: UInt64, _ seeds: [String], tokens: [String] = []) {
    self.init(seed: seed, seeds.map { Array($0.utf8) }, tokens: tokens)
  }

  init(seed: UInt64, _ seeds: [[UInt8]], tokens: [String] = []) {
    random = SplitMix64(seed: seed)
    self.seeds = seeds
    self.tokens = (tokens + Self.anywhere).map { Array($0.utf8) }
  }

  private static let anywhere = [
    "", "0", "00", "-1", "+", "/", ":", "::", ".", ",", " ", "\t", "\n", "\r\n", "\0", "#", ";",
    "[", "]",
    "{", "}", "\"", "\\u0000", "é", "\u{feff}", "\u{301}", "4294967296", "18446744073709551616",
    "1e999",
    "99999999999999999999999999999999999999", "ffff:", "255.", "/128",
  ]

  mutating func next() -> [UInt8] {
    var bytes = seeds.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    let at = Int.random(in: 0...bytes.count, using: &random)
    let end = min(bytes.count, at + Int.random(in: 0...8, using: &random))
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes.removeSubrange(at..<end)
    case 1: bytes.insert(contentsOf: bytes[at..<end], at: at)
    case 2: bytes.insert(.random(in: 0...255, using: &random), at: at)
    case 3 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 4: bytes.replaceSubrange(at..<end, with: tokens.randomElement(using: &random) ?? [])
    default:
      let other = seeds.randomElement(using: &random) ?? []
      let from = Int.random(in: 0...other.count, using: &random)
      bytes.replaceSubrange(at..<end, with: other[from...].prefix(40))
    }
  }
}
