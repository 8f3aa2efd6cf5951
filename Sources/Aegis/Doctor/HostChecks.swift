internal import BPF
internal import Linux

/// Findings about the kernel, this process's rights and the file system of pins.
struct HostChecks {
  let facts: HostFacts

  var findings: [Finding] {
    [capabilities, pins] + [facts.distrust, datapath].compactMap(\.self)
      + KernelFeature.allCases.compactMap(feature) + [types]
      + [countries, unseen].compactMap(\.self)
  }

  /// nil if nothing is loaded that names countries.
  private var countries: Finding? {
    if facts.lacksCountries {
      return Finding(
        "geo", .warning, "classes name countries, but none are loaded",
        because: "all addresses have the class of a prefix, or foreign",
        fix: "aegisctl set-geo FILE ...")
    }
    guard let dated = facts.countriesDated else { return nil }
    let days = max(0, Clock.realtime() - dated) / 86_400
    let age = "the countries of addresses are \(days) days old"
    guard days > Self.oldCountries else { return .ok("geo", age) }
    return Finding(
      "geo", .warning, age, because: "addresses change hands: classes are more and more wrong",
      fix: "aegisctl set-geo FILE ...")
  }

  /// In days.
  private static let oldCountries: Int64 = 180

  private var capabilities: Finding {
    let check = "capabilities"
    guard let held = facts.capabilities else {
      return Finding(
        check, .warning, "unknown", because: "/proc/self/status cannot be read",
        fix: "mount -t proc proc /proc")
    }
    let missing = Privilege.missing(from: held)
    if missing.isEmpty { return .ok(check, Privilege.needed.map(\.name).joined(separator: ", ")) }
    return Finding(
      check, .error, "lacks \(missing.joined(separator: ", "))",
      because: "load and attach would fail, and some of the checks below could not run",
      fix: "sudo aegisctl doctor")
  }

  private var pins: Finding {
    guard facts.isOnBPFFS else {
      return Finding(
        "bpffs", .error, "\(facts.root) is not on a BPF file system",
        because: "without pins, the datapath would end with the command that loaded it",
        fix: PinRoot.mountHint)
    }
    guard let outside = facts.outside else {
      return .ok("bpffs", "\(facts.root) is on a BPF file system")
    }
    return Finding(
      "bpffs", .warning, "\(facts.root) is on a BPF file system of this mount namespace only",
      because: "when the namespace ends, the pins are lost and the datapath is detached",
      fix: outside)
  }

  private var datapath: Finding? {
    switch facts.datapath {
    case .accepted: .ok("datapath", "the verifier accepts it")
    case .refused(let why):
      Finding(
        "datapath", .error, "the kernel rejects it: \(why)",
        because: "load would fail for the same reason; the findings below may show what is missing")
    case .notTried: nil
    }
  }

  /// nil if the test was not possible.
  private func feature(_ feature: KernelFeature) -> Finding? {
    switch facts.features[feature] {
    case .present: return .ok(feature.check, "supported")
    case .absent(let errno):
      if feature == .unlimitedMemory, facts.memoryLimit == nil {
        return .ok(feature.check, "no limit")
      }
      let (level, reason, fix) = feature.consequence
      let error = SystemError(operation: "", subject: "", errno: errno)
      return Finding(
        feature.check, level, "not supported: \(error.reason)", because: reason, fix: fix)
    case .unknown, nil: return nil
    }
  }

  private var types: Finding {
    if facts.hasKernelTypes { return .ok("btf", "/sys/kernel/btf/vmlinux") }
    return Finding(
      "btf", .warning, "/sys/kernel/btf/vmlinux does not exist",
      because: "the datapath does not need it, but tools that trace it do")
  }

  /// One finding for all tests that were not possible.
  private var unseen: Finding? {
    let features = KernelFeature.allCases.filter { (facts.features[$0] ?? .unknown) == .unknown }
    let checks = (facts.datapath == .notTried ? ["datapath"] : []) + features.map(\.check)
    if checks.isEmpty { return nil }
    return Finding(
      "not-checked", .warning, checks.joined(separator: ", "),
      because: "these checks need root", fix: "sudo aegisctl doctor")
  }
}
