import CLinux

/// Settings of a bridge that decide which frames it forwards.
public struct BridgeSettings: Sendable, Equatable {
  /// Whether it takes part in the spanning tree protocol.
  public var hasSTP: Bool
  /// Whether it forwards multicast only where somebody asked for it.
  public var snoopsMulticast: Bool
  /// The group addresses 01:80:c2:00:00:0X that it forwards: bit X.
  public var forwardedGroups: UInt16

  /// Makes settings from their parts.
  public init(hasSTP: Bool, snoopsMulticast: Bool, forwardedGroups: UInt16) {
    self.hasSTP = hasSTP
    self.snoopsMulticast = snoopsMulticast
    self.forwardedGroups = forwardedGroups
  }

  init(_ data: NetlinkAttributes) {
    hasSTP = (data.value(CInt(IFLA_BR_STP_STATE), UInt32.self) ?? 0) != 0
    snoopsMulticast = (data.value(CInt(IFLA_BR_MCAST_SNOOPING), UInt8.self) ?? 0) != 0
    forwardedGroups = data.value(CInt(IFLA_BR_GROUP_FWD_MASK), UInt16.self) ?? 0
  }
}
