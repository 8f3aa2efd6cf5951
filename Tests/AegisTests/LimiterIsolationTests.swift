import CAegis
import HostLimiter
import Testing

@testable import Aegis

/// What a flood of spoofed sources that one rate is for does to sources that other rates are for: nothing.
@Suite("A flood under one rate and the sources under others")
struct LimiterIsolationTests {
  /// A rate and where the datapath finds its buckets.
  private struct Placed {
    let name: String
    var rate: aegis_rate
    let id: UInt32
  }

  /// Of every kind, as slow as floods like them, or as clients of a service have them.
  private static func rates(on capacity: Capacity, slow: Bool) throws -> [Placed] {
    var table = LineTable(capacity)
    var random = SplitMix64(seed: 41)
    let kinds: [(name: String, prefixSources: UInt64, isTotal: Bool)] = [
      ("default", .max, false), ("port", .max, false), ("prefix", 1 << 16, false),
      ("port and prefix", 1 << 20, false), ("key", .max, false), ("total", .max, true),
    ]
    var placed: [Placed] = []
    for kind in kinds {
      for (unit, isBytes) in [("", false), ("kB", true)] {
        for algorithm in Rate.Algorithm.allCases {
          // The default rate is one of each unit.
          if kind.name == "default", algorithm != .tokenBucket { continue }
          let total = kind.isTotal ? 1000 : 1
          var rate = try Rate(slow ? "10\(unit)/m" : "\(10 * total)\(unit)/s")
          rate.algorithm = algorithm
          var abi = try rate.abi()
          let need = LineNeed(abi, sources: kind.prefixSources, isTotal: kind.isTotal, cpus: 1)
          if kind.name == "default" {
            abi.put(on: isBytes ? capacity.byteLines : capacity.packetLines)
          } else {
            let lines = table.take(need)
            abi.put(on: try #require(lines))
          }
          let id = UInt32.random(in: 1..<1 << 27, using: &random)
          placed.append(
            Placed(
              name: "\(kind.name) \(rate) \(algorithm.rawValue)", rate: abi,
              id: id << 5 | (kind.isTotal ? 2 : 4 << 2) | (isBytes ? 1 : 0)))
        }
      }
    }
    return placed
  }

  /// How many of what 1,000 sources send each second are admitted, spread over all rates but the one that
  /// `flood` is for, while so many never-seen sources send a packet each under that.
  private func admitted(
    of honest: [Placed], in capacity: Capacity, flood: Placed?, count: Int
  ) -> Int {
    let cells = UnsafeMutablePointer<aegis_line>.allocate(capacity: Int(capacity.cells))
    cells.initialize(repeating: aegis_line(), count: Int(capacity.cells))
    defer { cells.deallocate() }
    var seed: (UInt64, UInt64, UInt64) = (1 << 60 | 7, 0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f)
    return withUnsafeBytes(of: &seed) { bytes in
      let seed = bytes.bindMemory(to: UInt64.self).baseAddress
      var now: UInt64 = 1 << 44
      var sum = 0
      let rounds = 40
      let share = UInt64(count / rounds)
      for round in 0..<UInt64(rounds) {
        if var rate = flood?.rate, let id = flood?.id {
          host_flood(
            cells, &rate, seed, 1 << 40 + round * share, share, id, now, 50_000_000 / share)
        }
        now += 50_000_000
        for source in 0..<1000 {
          var one = honest[source % honest.count]
          let outcome = host_judge(cells, &one.rate, seed, UInt64(source), one.id, now)
          if outcome & AEGIS_OUTCOME_MASK.rawValue == AEGIS_CONFORMS.rawValue { sum += 1 }
        }
      }
      return sum
    }
  }

  @Test(
    "what is admitted of 1,000 sources is the same, whichever slow rate the flood is for",
    arguments: [6144, 49_152])
  func apart(sources: UInt32) throws {
    let capacity = Capacity(sources: sources)
    let slow = try Self.rates(on: capacity, slow: true)
    let usual = try Self.rates(on: capacity, slow: false)
    for (index, flooded) in slow.enumerated() {
      var honest = usual
      honest.remove(at: index)
      let alone = admitted(of: honest, in: capacity, flood: nil, count: 0)
      let beside = admitted(of: honest, in: capacity, flood: flooded, count: 1 << 18)
      #expect(alone > 25_000)
      #expect(beside == alone, "\(flooded.name): \(beside) of \(alone)")
    }
  }

  @Test("16 million sources fill the lines of their rate, and no other")
  func sixteenMillion() throws {
    let capacity = Capacity(sources: 6144)
    let slow = try Self.rates(on: capacity, slow: true)
    let usual = try Self.rates(on: capacity, slow: false)
    let port = try #require(slow.firstIndex { $0.name == "port 10/m token-bucket" })
    var honest = usual
    let same = honest.remove(at: port)
    let alone = admitted(of: honest, in: capacity, flood: nil, count: 0)
    #expect(admitted(of: honest, in: capacity, flood: slow[port], count: 1 << 24) == alone)
    // A flood that is for the same rate does stop others of that: the test can tell.
    let own = admitted(of: [same], in: capacity, flood: nil, count: 0)
    #expect(admitted(of: [slow[port]], in: capacity, flood: slow[port], count: 1 << 16) < own / 5)
  }
}
