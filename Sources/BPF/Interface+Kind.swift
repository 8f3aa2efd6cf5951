import CLibBPF

extension Interface {
  /// What a virtual interface is, such as `vlan`, `bond` or `veth`; nil for a physical one, and the loopback.
  ///
  /// The corresponding netlink request is `RTM_GETLINK`.
  public static func kind(of index: UInt32) throws(BPFError) -> String? {
    var request = ifinfomsg()
    request.ifi_index = CInt(bitPattern: index)
    var payload = NetlinkPayload()
    payload.append(request)
    let answers = try Netlink(NETLINK_ROUTE, about: "interface \(index)").ask(
      UInt16(RTM_GETLINK), payload)
    let attributes = answers.first?.attributes(after: ifinfomsg.self) ?? [:]
    let information = attributes[CInt(IFLA_LINKINFO)].map { NetlinkMessage.attributes($0) } ?? [:]
    return information[CInt(IFLA_INFO_KIND)].map {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}

extension Interface {
  /// The hardware address of an interface; empty if it has none.
  ///
  /// The corresponding netlink request is `RTM_GETLINK`.
  public static func hardwareAddress(of index: UInt32) throws(BPFError) -> [UInt8] {
    var request = ifinfomsg()
    request.ifi_index = CInt(bitPattern: index)
    var payload = NetlinkPayload()
    payload.append(request)
    let answers = try Netlink(NETLINK_ROUTE, about: "interface \(index)").ask(
      UInt16(RTM_GETLINK), payload)
    let attributes = answers.first?.attributes(after: ifinfomsg.self) ?? [:]
    return attributes[CInt(IFLA_ADDRESS)].map(Array.init) ?? []
  }
}
