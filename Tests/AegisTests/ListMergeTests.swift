import Testing

@testable import Aegis

@Suite("Merged lists")
struct ListMergeTests {
  private static func merged(_ text: String, lives: Bool = true) -> [String] {
    var options = ListOptions()
    options.bounds = ListBounds.none
    var contents = ListFile.drops(Array(text.utf8), options)
    let before = contents.entries.count
    contents.mergeOverlaps(lives: lives)
    #expect(contents.entries.count + contents.merged == before)
    return contents.elements.map(\.description)
  }

  @Test(
    "keep their order, without what others cover",
    arguments: [
      ("192.0.2.1\n10.0.0.1\n192.0.2.1\n", ["192.0.2.1", "10.0.0.1"]),
      ("10.0.0.1\n10.0.0.0/8\n10.1.0.0/16\n11.0.0.0", ["10.0.0.0/8", "11.0.0.0"]),
      ("0.0.0.0/0\n::/0\n1.2.3.4\n1::\n", ["0.0.0.0/0", "::/0"]),
      ("10.0.0.0/9\n10.128.0.0/9\n", ["10.0.0.0/9", "10.128.0.0/9"]),
      ("10.0.0.0/24\n10.0.1.0/24\n10.0.0.0/25\n10.0.0.200", ["10.0.0.0/24", "10.0.1.0/24"]),
      ("", []),
    ] as [(String, [String])])
  func overlaps(text: String, expected: [String]) {
    #expect(Self.merged(text) == expected)
  }

  @Test("keep what lasts longer than what covers it")
  func lives() {
    let list = """
      create s hash:net timeout 100
      add s 10.0.0.0/8 timeout 50
      add s 10.1.0.0/16
      add s 10.1.1.0/24 timeout 90
      add s 10.2.0.0/16 timeout 50
      add s 10.3.0.1 timeout 0
      add s 10.3.0.1 timeout 70
      add s 10.4.0.1 timeout 60
      add s 10.4.0.1 timeout 0
      """
    #expect(Self.merged(list) == ["10.0.0.0/8", "10.1.0.0/16", "10.3.0.1", "10.4.0.1"])
    #expect(Self.merged(list, lives: false) == ["10.0.0.0/8"])
  }

  @Test("drop the same addresses for the same time as before", arguments: [false, true])
  func model(isIPv6: Bool) throws {
    var random = SplitMix64(seed: 11)
    for _ in 0..<300 {
      let text = (0..<40).map { _ in Self.line(&random, isIPv6) }.joined()
      let contents = ListFile.drops(Array("create s hash:net\n\(text)".utf8))
      var merged = contents
      merged.mergeOverlaps(lives: true)
      for low in 0..<256 as Range<UInt32> {
        let address = Self.address(low, isIPv6)
        #expect(Self.end(of: address, contents) == Self.end(of: address, merged), "\(text)")
      }
      let elements = merged.elements
      #expect(Set(elements).count == elements.count)
    }
  }

  private static func address(_ low: UInt32, _ isIPv6: Bool) -> IPAddress {
    isIPv6 ? .v6(0x2001_0db8 << 96 | UInt128(low) << 62) : .v4(0x0a00_0000 | low)
  }

  /// Of 10.0.0.0/24 or 2001:db8::/58, so that many overlap.
  private static func line(_ random: inout SplitMix64, _ isIPv6: Bool) -> String {
    let address = address(.random(in: 0..<256, using: &random), isIPv6)
    let length = Int.random(in: 25...32, using: &random)
    let prefix = Prefix(address: address, length: length + (isIPv6 ? 34 : 0))
    let seconds = Int.random(in: 0...3, using: &random)
    return "add s \(prefix ?? Prefix(address)) timeout \(seconds)\n"
  }

  /// Nil is not at all.
  private static func end(of address: IPAddress, _ contents: ListContents<Prefix>) -> Duration? {
    contents.entries.filter { $0.element.contains(address) }
      .map { contents.terms[Int($0.terms)].lifetime ?? .seconds(1_000_000) }.max()
  }

  @Test("have nothing twice")
  func equal() {
    var contents = ListFile.drops(
      Array("add s 10.0.0.1 timeout 5\nadd s 10.0.0.0/8\nadd s 10.0.0.1 timeout 9".utf8))
    contents.prepend([Prefix(.v4(1))])
    contents.mergeEqual(lives: true)
    #expect(contents.elements.map(\.description) == ["0.0.0.1", "10.0.0.1", "10.0.0.0/8"])
    #expect(contents.terms[Int(contents.entries[1].terms)].lifetime == .seconds(9))
    #expect(contents.merged == 1)
  }

  @Test("share addresses with others, or do not")
  func index() throws {
    var random = SplitMix64(seed: 5)
    for _ in 0..<200 {
      let some = (0..<6).map { _ in Self.small(&random) }
      let index = PrefixIndex(some)
      for _ in 0..<20 {
        let other = Self.small(&random)
        #expect(index.contains(other) == some.contains(other))
        let overlaps = some.contains { $0.contains(other) || other.contains($0) }
        #expect(index.overlaps(other) == overlaps, "\(some) \(other)")
      }
    }
  }

  private static func small(_ random: inout SplitMix64) -> Prefix {
    let isV4 = Bool.random(using: &random)
    let bits = UInt32.random(in: 0..<256, using: &random)
    let address = isV4 ? IPAddress.v4(bits << 24) : .v6(UInt128(bits) << 120)
    return Prefix(address: address, length: .random(in: 0...9, using: &random)) ?? Prefix(address)
  }
}
