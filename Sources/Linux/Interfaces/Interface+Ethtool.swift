import CLinux
import Glibc

extension Interface {
  /// An offload that a driver has: whether it is on, and whether it may be switched.
  public struct Offload: Sendable, Equatable {
    public let isOn: Bool
    /// False if the driver requires the offload, or does not support it.
    public let isChangeable: Bool

    /// Makes one from its parts.
    public init(isOn: Bool, isChangeable: Bool) {
      self.isOn = isOn
      self.isChangeable = isChangeable
    }
  }

  /// The receive queues of an interface.
  public struct Queues: Sendable, Equatable {
    /// How many are in use.
    public let receive: UInt32
    /// The maximum number.
    public let most: UInt32
    /// Whether they are set together with the transmit queues.
    public let isCombined: Bool

    /// Makes one from its parts.
    public init(receive: UInt32, most: UInt32, isCombined: Bool) {
      self.receive = receive
      self.most = most
      self.isCombined = isCombined
    }
  }

  /// The largest packet in bytes, without its Ethernet header.
  ///
  /// The corresponding C function is `ioctl` with `SIOCGIFMTU`.
  public static func mtu(of name: String) throws(SystemError) -> Int {
    try InterfaceRequest(name).mtu()
  }

  /// The name of the driver.
  ///
  /// The corresponding C function is `ioctl` with `ETHTOOL_GDRVINFO`.
  public static func driver(of name: String) throws(SystemError) -> String {
    var info = ethtool_drvinfo()
    info.cmd = UInt32(ETHTOOL_GDRVINFO)
    try withUnsafeMutableBytes(of: &info) { bytes throws(SystemError) in
      try InterfaceRequest(name).ethtool(bytes)
    }
    return String(zeroTerminated: info.driver)
  }

  /// The receive queues; nil if the driver does not report them.
  ///
  /// The corresponding C function is `ioctl` with `ETHTOOL_GCHANNELS`.
  public static func queues(of name: String) throws(SystemError) -> Queues? {
    var channels = ethtool_channels()
    channels.cmd = UInt32(ETHTOOL_GCHANNELS)
    do {
      try withUnsafeMutableBytes(of: &channels) { bytes throws(SystemError) in
        try InterfaceRequest(name).ethtool(bytes)
      }
    } catch {
      if error.errno == EOPNOTSUPP { return nil }
      throw error
    }
    let isCombined = channels.max_combined > 0
    return Queues(
      receive: isCombined
        ? channels.combined_count + channels.rx_count : channels.rx_count,
      most: isCombined ? channels.max_combined : channels.max_rx, isCombined: isCombined)
  }

  /// Whether the receive queue of UDP packets depends on their ports too, and not only on their addresses; nil if the
  /// driver does not say.
  ///
  /// The corresponding C function is `ioctl` with `ETHTOOL_GRXFH`.
  public static func spreadsPorts(of name: String, isIPv6: Bool) throws(SystemError) -> Bool? {
    var request = ethtool_rxnfc()
    request.cmd = UInt32(ETHTOOL_GRXFH)
    request.flow_type = UInt32(isIPv6 ? UDP_V6_FLOW : UDP_V4_FLOW)
    do {
      try withUnsafeMutableBytes(of: &request) { bytes throws(SystemError) in
        try InterfaceRequest(name).ethtool(bytes)
      }
    } catch {
      if [EOPNOTSUPP, EINVAL].contains(error.errno) { return nil }
      throw error
    }
    let ports = UInt64(RXH_L4_B_0_1 | RXH_L4_B_2_3)
    return request.data & ports == ports
  }

  /// The offloads, by their kernel names such as `rx-lro`.
  ///
  /// The corresponding C function is `ioctl` with `ETHTOOL_GFEATURES`.
  public static func offloads(of name: String) throws(SystemError) -> [String: Offload] {
    let request = try InterfaceRequest(name)
    let names = try request.featureNames()
    let states = try request.featureBlocks(count: (names.count + 31) / 32)
    var offloads: [String: Offload] = [:]
    for (index, name) in names.enumerated() where !name.isEmpty {
      let (block, bit) = (states[index / 32], UInt32(1) << UInt32(index % 32))
      offloads[name] = Offload(
        isOn: block.active & bit != 0,
        isChangeable: block.available & bit != 0 && block.never_changed & bit == 0)
    }
    return offloads
  }
}
