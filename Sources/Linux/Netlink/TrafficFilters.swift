import CLinux

/// The filters in the qdisc `clsact` of an interface of the calling thread's network namespace.
public enum TrafficFilters {
  /// The priorities of those of one direction, in their order; none without the qdisc.
  ///
  /// The corresponding netlink request is `RTM_GETTFILTER`.
  public static func priorities(of ifindex: UInt32, egress: Bool) throws(SystemError) -> [UInt32] {
    var request = tcmsg()
    request.tcm_ifindex = CInt(bitPattern: ifindex)
    request.tcm_parent = egress ? 0xffff_fff3 : 0xffff_fff2
    var payload = NetlinkPayload()
    payload.append(request)
    let netlink = try Netlink(NETLINK_ROUTE, about: "filters of interface \(ifindex)")
    let found = try netlink.ask(UInt16(RTM_GETTFILTER), dump: true, payload)
      .compactMap { $0.structure(tcmsg.self)?.tcm_info }
    return Set(found.map { $0 >> 16 }).sorted()
  }
}
