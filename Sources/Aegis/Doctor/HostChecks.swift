internal import BPF
internal import Linux

/// Findings about the kernel, this process's rights and the file system of pins.
struct HostChecks {
  let facts: HostFacts

  var findings: [Finding] {
    [capabilities, pins] + [facts.distrust, datapath].compactMap(\.self)
      + KernelFeature.allCases.compactMap(feature) + [types] + [unseen].compactMap(\.self)
  }

  private var capabilities: Finding {
    let check = "capabilities"
    guard let held = facts.capabilities else {
      return Finding(
        check, .warning, "cannot be read", because: "/proc/self/status is not there",
        fix: "mount -t proc proc /proc")
    }
    let missing = Privilege.missing(from: held)
    if missing.isEmpty { return .ok(check, Privilege.needed.map(\.name).joined(separator: ", ")) }
    return Finding(
      check, .error, "lacks \(missing.joined(separator: ", "))",
      because: "load and attach are refused, and some checks below could not look",
      fix: "sudo aegisctl doctor")
  }

  private var pins: Finding {
    guard facts.isOnBPFFS else {
      return Finding(
        "bpffs", .error, "\(facts.root) is not on a BPF file system",
        because: "the datapath is pinned there, or it would end with each command",
        fix: PinRoot.mountHint)
    }
    guard let outside = facts.outside else { return .ok("bpffs", "\(facts.root) is on one") }
    return Finding(
      "bpffs", .warning, "\(facts.root) is on one that only this mount namespace has",
      because: "when that ends, so do the pins, and what is attached is detached", fix: outside)
  }

  private var datapath: Finding? {
    switch facts.datapath {
    case .accepted: .ok("datapath", "the verifier accepts it")
    case .refused(let why):
      Finding(
        "datapath", .error, "the kernel refuses it: \(why)",
        because: "load fails for the same reason; findings below may say what is missing")
    case .notTried: nil
    }
  }

  /// nil if it could not be tried.
  private func feature(_ feature: KernelFeature) -> Finding? {
    switch facts.features[feature] {
    case .present: return .ok(feature.check, "there")
    case .absent(let errno):
      if feature == .unlimitedMemory, facts.memoryLimit == nil {
        return .ok(feature.check, "no limit")
      }
      let (level, reason, fix) = feature.consequence
      let error = SystemError(operation: "", subject: "", errno: errno)
      return Finding(
        feature.check, level, "not there: \(error.reason)", because: reason, fix: fix)
    case .unknown, nil: return nil
    }
  }

  private var types: Finding {
    if facts.hasKernelTypes { return .ok("btf", "/sys/kernel/btf/vmlinux") }
    return Finding(
      "btf", .warning, "/sys/kernel/btf/vmlinux is not there",
      because: "the datapath does without; tools that trace it do not")
  }

  /// All that could not be tried, at once.
  private var unseen: Finding? {
    let features = KernelFeature.allCases.filter { (facts.features[$0] ?? .unknown) == .unknown }
    let checks = (facts.datapath == .notTried ? ["datapath"] : []) + features.map(\.check)
    if checks.isEmpty { return nil }
    return Finding(
      "not-looked-at", .warning, checks.joined(separator: ", "),
      because: "not permitted to try", fix: "sudo aegisctl doctor")
  }
}
