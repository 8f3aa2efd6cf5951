internal import BPF
internal import Linux

extension AegisError {
  /// An error for a refused load that names the missing kernel feature, if that explains it.
  init(loading error: SystemError, probe: (KernelFeature) -> KernelFeature.Support = { $0.probe() })
  {
    let plain = AegisError(error)
    guard plain.kind == .kernelRefused else {
      self = plain
      return
    }
    let absent = KernelFeature.allCases.filter { feature in
      guard feature.consequence.level == .error, case .absent = probe(feature) else { return false }
      return true
    }
    if absent.isEmpty {
      self = plain
      return
    }
    self.init(
      .kernelRefused,
      "this kernel lacks what the datapath needs: \(absent.map(\.check).joined(separator: ", "))",
      hint: "aegisctl doctor shows the details", log: error.log)
  }
}
