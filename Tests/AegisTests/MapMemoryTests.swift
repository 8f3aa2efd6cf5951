import Testing

@testable import BPF

/// What follows from what kernels say about the same maps. MemoryMeterTests compare it with what the running one takes.
struct MapMemoryTests {
  /// Nodes of 92 and 60 bytes in slabs of 96 and 64, or two of 84 in slabs of 96, and 8 bytes for each.
  @Test func trieOnEachKernel() {
    let before = 1000 * UInt64(96 + 64 + 16)
    #expect(bytes(.trie, 3_670_016, counted: 1000) == before)
    #expect(bytes(.trie, 1000 * 92) == before)
    #expect(bytes(.trie, 1000 * 76) == 2000 * UInt64(96 + 8))
  }

  /// Either might be meant: 92 nodes of 76 bytes or 76 of 92.
  @Test func trieOfWhichBothSizesAreFactors() {
    #expect(bytes(.trie, 76 * 92, counted: 92) == 184 * UInt64(96 + 8))
    #expect(bytes(.trie, 76 * 92, counted: 76) == 76 * UInt64(96 + 64 + 16))
  }

  @Test func emptyTrie() {
    #expect(bytes(.trie, 0) == 0)
    #expect(bytes(.trie, 3_670_016, counted: 0) == 0)
  }

  @Test func hashOnEachKernel() {
    let full = UInt64(65_536 * (16 + 48 + 24 + 32))
    #expect(bytes(.hash, 3_670_016) == full)
    #expect(bytes(.hash, full + 1104) == full + 1104)
    let grown = 65_536 * 16 + 1000 * UInt64(128 + 8)
    #expect(bytes(.growing, 3_670_016, counted: 1000) == grown)
    #expect(bytes(.growing, 65_536 * 16 + 1000 * 112 + 100) == grown)
  }

  /// Before Linux 6.4 it is said to have all the entries that it may.
  @Test func perCPUHashBefore() throws {
    let cpus = try UInt64(CPUs.possible())
    let room: UInt64 = 128 * 16
    // 72 bytes in a slab of 96, 16 in one of 16, and 8 bytes for each.
    let entry = 96 + 8 + 16 + 8 + 1024 * cpus
    let footprint = (128 * (1024 * cpus + 8) + 4095) / 4096 * 4096
    #expect(bytes(.perCPU, footprint, counted: 0) == room)
    #expect(bytes(.perCPU, footprint, counted: 3) == room + 3 * entry)
    #expect(bytes(.perCPU, 3000) == 3000)
  }

  @Test func othersAreAsReported() {
    #expect(MapMemory(fromInfo: "pos:\t0\nmemlock:\t4096\nprog_id:\t7\n").bytes { 1 } == 4096)
    #expect(MapMemory(fromInfo: "").bytes { 1 } == 0)
  }

  private enum Kind: String {
    case trie =
      "map_type:\t11\nkey_size:\t24\nvalue_size:\t32\nmax_entries:\t65536\nmap_flags:\t0x1\n"
    case hash =
      "map_type:\t1\nkey_size:\t20\nvalue_size:\t32\nmax_entries:\t65536\nmap_flags:\t0x0\n"
    case growing =
      "map_type:\t1\nkey_size:\t20\nvalue_size:\t32\nmax_entries:\t65536\nmap_flags:\t0x1\n"
    case perCPU =
      "map_type:\t5\nkey_size:\t4\nvalue_size:\t1024\nmax_entries:\t128\nmap_flags:\t0x1\n"
  }

  /// - Parameter count: What is counted; nil if nothing may be.
  private func bytes(_ kind: Kind, _ memlock: UInt64, counted count: UInt64? = nil) -> UInt64 {
    MapMemory(fromInfo: "pos:\t0\nflags:\t02\n\(kind.rawValue)memlock:\t\(memlock)\n").bytes {
      if count == nil { Issue.record("\(kind) of \(memlock) was counted") }
      return count ?? 0
    }
  }
}
