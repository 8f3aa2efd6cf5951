import BPF
import CAegis
import Foundation
import Linux
import TestSupport
import Testing

@testable import TestModel

/// The memory that a map is said to take is what the kernel charges for it.
@Suite(
  .serialized,
  .enabled(
    if: KernelAccess.isPossible && MemoryCgroup.isExpected && Tool.isExpected("bpftool"),
    "needs root, BPF, bpftool and a cgroup that counts memory"))
struct MemoryMeterTests {
  /// So that a map takes more than a megabyte, against which what every map takes is little.
  private static let count = 32_768

  @Test func triesOfHosts() throws {
    var random = SeededGenerator(seed: 1)
    let keys = (0..<Self.count).map { _ in Self.key(random.next(), length: 160) }
    try Self.check("lpm_trie", keys, aegis_class_prefix())
    try Self.check("lpm_trie", keys, aegis_entry())
    try Self.check("lpm_trie", keys, aegis_rates())
  }

  /// All neighbours, which have the same nodes between them as others.
  @Test func trieOfNeighbours() throws {
    let keys = (0..<UInt64(Self.count)).map { Self.key($0.bigEndian, length: 160) }
    try Self.check("lpm_trie", keys, aegis_entry())
  }

  /// Where each second prefix is in the one before, half of the nodes without a value that are assumed do not exist.
  @Test func trieOfPairs() throws {
    let keys = (0..<UInt64(Self.count)).map { number in
      Self.key(((number / 2) << 16).bigEndian, length: number % 2 == 0 ? 88 : 128)
    }
    try Self.check("lpm_trie", keys, aegis_entry(), within: 1.2...1.4)
  }

  @Test func hashes() throws {
    let keys = (0..<UInt64(Self.count)).map { Self.key($0, length: 160).key }
    try Self.check("hash", keys, aegis_entry(), flags: 0)
    try Self.check("hash", keys, aegis_entry())
    try Self.check("hash", (0..<UInt32(Self.count)).map { $0 }, aegis_note())
    try Self.check("lru_hash", keys, aegis_entry(), flags: 0)
  }

  @Test func arrays() throws {
    let keys = (0..<UInt32(Self.count)).map { $0 }
    try Self.check("array", keys, aegis_line(), flags: 0)
    try Self.check("array", keys, aegis_line(), flags: 1 << 10)
    try Self.check("array", keys, aegis_relay_user(), flags: 0)
  }

  @Test func emptyTrieTakesNothing() throws {
    let keys: [aegis_key_prefix] = []
    let map = try Self.map("lpm_trie", keys, aegis_entry(), flags: 1, in: MemoryCgroup())
    #expect(map.memoryUsage() == 0)
  }

  private static func key(_ place: UInt64, length: UInt32) -> aegis_key_prefix {
    var key = aegis_key_prefix()
    key.length = length
    withUnsafeMutableBytes(of: &key.key.source) {
      $0.storeBytes(of: place, as: UInt64.self)
    }
    return key
  }

  /// - Parameter flags: As default `BPF_F_NO_PREALLOC`.
  /// - Parameter range: Of what is said, as a share of what is charged.
  private static func check<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    _ type: String, _ keys: [Key], _ value: Value, flags: Int = 1,
    within range: ClosedRange<Double> = 0.9...1.1
  ) throws {
    let cgroup = try MemoryCgroup()
    let map = try map(type, keys, value, flags: flags, in: cgroup)
    let said = Int(map.memoryUsage())
    var charged = try cgroup.kernelBytes()
    let end = ContinuousClock.now + .seconds(10)
    while !(charged > 0 && range ~= Double(said) / Double(charged)), ContinuousClock.now < end {
      usleep(200_000)
      charged = try cgroup.kernelBytes()
    }
    let size = "\(MemoryLayout<Key>.size) to \(MemoryLayout<Value>.size) bytes, flags \(flags)"
    print("\(type) of \(keys.count), \(size): \(said) bytes, charged \(charged)")
    #expect(range ~= Double(said) / Double(charged), "\(type), \(size): \(said), not \(charged)")
  }

  private static func map<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    _ type: String, _ keys: [Key], _ value: Value, flags: Int, in cgroup: MemoryCgroup
  ) throws -> BPFMap<Key, Value> {
    let pin = "/sys/fs/bpf/aegis-test-\(RandomName.hex(8))"
    defer { unlink(pin) }
    try cgroup.command(
      [
        "bpftool", "map", "create", pin, "type", type, "key", "\(MemoryLayout<Key>.size)",
        "value", "\(MemoryLayout<Value>.size)", "entries", "\(count)", "name", "test",
        "flags", "\(flags)",
      ]
    ).succeed()
    let map = try BPFMap<Key, Value>(pinnedAt: pin)
    try map.update(keys.map { (key: $0, value: value) })
    return map
  }
}
