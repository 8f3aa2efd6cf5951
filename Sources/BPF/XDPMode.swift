import CLibBPF

/// Where an XDP program runs; the raw values are the kernel's flags for attaching it.
public enum XDPMode: UInt32, Sendable, CaseIterable {
  /// In the network stack, with any driver: `XDP_FLAGS_SKB_MODE`.
  case generic = 2
  /// In the driver: `XDP_FLAGS_DRV_MODE`.
  case native = 4
  /// On the device: `XDP_FLAGS_HW_MODE`.
  case offload = 8

  /// `generic`, `native` or `offload`.
  public var name: String {
    switch self {
    case .generic: "generic"
    case .native: "native"
    case .offload: "offload"
    }
  }
}
