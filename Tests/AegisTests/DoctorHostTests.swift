import BPF
import Linux
import Testing

@testable import Aegis

@Suite("Findings about a host")
struct DoctorHostTests {
  static let all: UInt64 = (1 << 39) | (1 << 38) | (1 << 12)

  static var healthy: HostFacts {
    HostFacts(
      capabilities: all, isOnBPFFS: true, root: "/sys/fs/bpf/aegis",
      features: Dictionary(uniqueKeysWithValues: KernelFeature.allCases.map { ($0, .present) }),
      memoryLimit: 65536, hasKernelTypes: true, datapath: .accepted)
  }

  private func problems(_ change: (inout HostFacts) -> Void) -> [Finding] {
    var facts = Self.healthy
    change(&facts)
    return HostChecks(facts: facts).findings.filter { $0.level != .ok }
  }

  @Test("are all well on a host that has everything")
  func allWell() {
    #expect(problems { _ in }.isEmpty)
    let checks = HostChecks(facts: Self.healthy).findings.map(\.check)
    #expect(Set(checks).count == checks.count)
    #expect(checks.count == KernelFeature.allCases.count + 4)
  }

  @Test(
    "warn of old countries, and of classes that name some where none are loaded",
    arguments: [
      (180, false, nil), (181, false, "the countries of addresses are 181 days old"),
      (nil, true, "classes name countries, but none are loaded"), (nil, false, nil),
      (-7, false, nil),
    ] as [(Int64?, Bool, String?)])
  func countries(days: Int64?, areLacking: Bool, message: String?) {
    let found = problems { facts in
      facts.countriesDated = days.map { Clock.realtime() - $0 * 86_400 - 60 }
      facts.lacksCountries = areLacking
    }
    #expect(found.map(\.message) == [message].compactMap { $0 })
    #expect(found.allSatisfy { $0.check == "geo" && $0.level == .warning })
    #expect(found.allSatisfy { $0.fix == "aegisctl set-geo FILE ..." })
  }

  @Test("name a feature that is missing, and why it matters", arguments: KernelFeature.allCases)
  func missing(feature: KernelFeature) throws {
    let found = problems { $0.features[feature] = .absent(errno: 22) }
    let finding = try #require(found.first)
    #expect(found.count == 1)
    #expect(finding.check == feature.check)
    #expect(finding.message == "not supported: Invalid argument")
    #expect(finding.reason?.isEmpty == false)
    let optional: Set<KernelFeature> = [
      .arrayBatch, .hashBatch, .lruHashBatch, .lpmTrieBatch, .testRun, .liveFrames,
      .jit, .unlimitedMemory,
    ]
    #expect(finding.level == (optional.contains(feature) ? .warning : .error))
  }

  @Test(
    "name the capabilities that are missing",
    arguments: [
      (0, "lacks CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON"), (1 << 21, "lacks CAP_NET_ADMIN"),
      (1 << 39 | 1 << 12, "lacks CAP_PERFMON"), (1 << 38 | 1 << 12, "lacks CAP_BPF"),
    ] as [(UInt64, String)])
  func capabilities(held: UInt64, message: String) {
    let found = problems { $0.capabilities = held }
    #expect(found.map(\.message) == [message])
    #expect(found.first?.level == .error)
  }

  @Test("gather what could not be tried into one")
  func unseen() {
    let found = problems {
      $0.features[.lpmTrie] = .unknown
      $0.features[.jit] = nil
      $0.datapath = .notTried
    }
    #expect(found.map(\.check) == ["not-checked"])
    #expect(found.first?.message == "datapath, map.lpm-trie, jit")
    #expect(found.first?.level == .warning)
  }

  @Test("have the command that sets it right")
  func fixes() {
    #expect(
      problems { $0.isOnBPFFS = false }.first?.fix == "mount -t bpf -o mode=700 bpf /sys/fs/bpf")
    let jit = problems { $0.features[.jit] = .absent(errno: 38) }
    #expect(jit.first?.fix == "sysctl -w net.core.bpf_jit_enable=1")
    let refused = problems { $0.datapath = .refused("R1 invalid mem access") }
    #expect(refused.first?.message == "the kernel rejects it: R1 invalid mem access")
    #expect(problems { $0.hasKernelTypes = false }.map(\.level) == [.warning])
  }

  @Test("do not mind a memory limit that does not count")
  func memory() {
    let limited = problems { $0.features[.unlimitedMemory] = .absent(errno: 22) }
    #expect(limited.map(\.check) == ["memlock"])
    let unlimited = problems {
      $0.features[.unlimitedMemory] = .absent(errno: 22)
      $0.memoryLimit = nil
    }
    #expect(unlimited.isEmpty)
  }
}
