import CLinux

/// Settings of a bridge that decide which frames it forwards.
public struct BridgeSettings: Sendable, Equatable {
  /// Whether it takes part in the spanning tree protocol.
  public var hasSTP: Bool
  /// Whether it forwards multicast only where somebody asked for it.
  public var snoopsMulticast: Bool
  /// The group addresses 01:80:c2:00:00:0X that it forwards: bit X.
  public var forwardedGroups: UInt16
  /// Whether it forwards only VLANs that its ports are members of.
  public var filtersVLANs: Bool

  /// Makes settings from their parts.
  public init(
    hasSTP: Bool, snoopsMulticast: Bool, forwardedGroups: UInt16, filtersVLANs: Bool = false
  ) {
    self.hasSTP = hasSTP
    self.snoopsMulticast = snoopsMulticast
    self.forwardedGroups = forwardedGroups
    self.filtersVLANs = filtersVLANs
  }

  init(_ data: NetlinkAttributes) {
    hasSTP = (data.value(CInt(IFLA_BR_STP_STATE), UInt32.self) ?? 0) != 0
    snoopsMulticast = (data.value(CInt(IFLA_BR_MCAST_SNOOPING), UInt8.self) ?? 0) != 0
    forwardedGroups = data.value(CInt(IFLA_BR_GROUP_FWD_MASK), UInt16.self) ?? 0
    filtersVLANs = (data.value(CInt(IFLA_BR_VLAN_FILTERING), UInt8.self) ?? 0) != 0
  }
}

/// Settings of a bridge's port that decide which frames pass.
public struct BridgePortSettings: Sendable, Equatable {
  /// Whether its state is forwarding.
  public var isForwarding: Bool
  /// Whether it exchanges no frames with other isolated ports.
  public var isIsolated: Bool
  /// Whether frames for everybody, and for whom nobody knows, leave by it.
  public var floods: Bool

  /// `BR_STATE_FORWARDING` of `<linux/if_bridge.h>`.
  private static let forwarding: UInt8 = 3

  /// Makes settings from their parts.
  public init(isForwarding: Bool = true, isIsolated: Bool = false, floods: Bool = true) {
    self.isForwarding = isForwarding
    self.isIsolated = isIsolated
    self.floods = floods
  }

  init(_ data: NetlinkAttributes) {
    // Kernels before a setting do what it does by default.
    func isOn(_ type: Int, _ other: Bool) -> Bool {
      data.value(CInt(type), UInt8.self).map { $0 != 0 } ?? other
    }
    isForwarding = data.value(CInt(IFLA_BRPORT_STATE), UInt8.self) == Self.forwarding
    isIsolated = isOn(IFLA_BRPORT_ISOLATED, false)
    floods =
      isOn(IFLA_BRPORT_UNICAST_FLOOD, true) && isOn(IFLA_BRPORT_MCAST_FLOOD, true)
      && isOn(IFLA_BRPORT_BCAST_FLOOD, true)
  }
}
