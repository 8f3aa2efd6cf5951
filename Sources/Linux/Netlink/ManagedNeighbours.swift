import CLinux
import Glibc

/// Entries of the neighbour tables of the calling thread's network namespace that the kernel keeps up to date by itself,
/// as `ip neigh add ADDRESS dev NAME managed extern_learn` makes them. Linux 5.16 has them first.
public enum ManagedNeighbours {
  /// An entry of a neighbour table.
  public struct Neighbour: Sendable, Equatable {
    public let hop: NextHops.Hop
    /// Whether its hardware address is known.
    public let isResolved: Bool
    /// Whether it did not answer.
    public let isFailed: Bool
    /// Whether the kernel resolves it again by itself when it has become old.
    public let isManaged: Bool
    /// Whether it was set by hand, and stays.
    public let isPermanent: Bool
    /// Whether `add` made it.
    public let isOurs: Bool

    /// Whether it stays without anybody asking for it.
    public var isKept: Bool { isManaged || isPermanent }
  }

  /// The number in `NDA_PROTOCOL` that tells our entries from those of routing daemons and others.
  static let owner: UInt8 = 0xae

  /// As many as there may be on the host's links.
  private static let most = 65_536
  private static let valid = [
    NUD_PERMANENT, NUD_NOARP, NUD_REACHABLE, NUD_PROBE, NUD_STALE, NUD_DELAY,
  ].reduce(0, |)

  /// All entries of both families.
  ///
  /// The corresponding netlink request is `RTM_GETNEIGH`.
  public static func all() throws(SystemError) -> [Neighbour] {
    var found: [Neighbour] = []
    for family in [AF_INET, AF_INET6] {
      let netlink = try Netlink(NETLINK_ROUTE, about: "neighbours")
      var request = ndmsg()
      request.ndm_family = UInt8(family)
      var payload = NetlinkPayload()
      payload.append(request)
      found += try netlink.ask(UInt16(RTM_GETNEIGH), dump: true, payload, most: most)
        .compactMap(neighbour)
    }
    return found
  }

  static func neighbour(_ message: NetlinkMessage) -> Neighbour? {
    guard let entry = message.structure(ndmsg.self), CInt(entry.ndm_flags) & NTF_PROXY == 0
    else { return nil }
    let attributes = message.attributes(after: ndmsg.self)
    guard let address = attributes[CInt(NDA_DST)], [4, 16].contains(address.count)
    else { return nil }
    let state = CInt(entry.ndm_state)
    let flags = attributes.value(CInt(NDA_FLAGS_EXT), UInt32.self) ?? 0
    return Neighbour(
      hop: NextHops.Hop(
        address: Array(address), ifindex: UInt32(bitPattern: entry.ndm_ifindex)),
      isResolved: state & valid != 0, isFailed: state & NUD_FAILED != 0,
      isManaged: flags & UInt32(NTF_EXT_MANAGED) != 0,
      isPermanent: state & (NUD_PERMANENT | NUD_NOARP) != 0,
      isOurs: attributes.value(CInt(NDA_PROTOCOL), UInt8.self) == owner)
  }

  /// Adds an entry, or keeps the one that is there from now on.
  ///
  /// The corresponding netlink request is `RTM_NEWNEIGH`.
  public static func add(_ hop: NextHops.Hop) throws(SystemError) {
    var payload = request(hop, flags: NTF_EXT_LEARNED)
    payload.append(
      attribute: CInt(NDA_FLAGS_EXT),
      withUnsafeBytes(of: UInt32(NTF_EXT_MANAGED), Array.init))
    payload.append(attribute: CInt(NDA_PROTOCOL), [owner])
    _ = try Netlink(NETLINK_ROUTE, about: "a neighbour").ask(
      UInt16(RTM_NEWNEIGH), payload, flags: NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK)
  }

  /// Removes an entry; if anybody sends to it, the kernel makes a new one. It is no error if there is none.
  ///
  /// The corresponding netlink request is `RTM_DELNEIGH`.
  public static func remove(_ hop: NextHops.Hop) throws(SystemError) {
    do {
      _ = try Netlink(NETLINK_ROUTE, about: "a neighbour").ask(
        UInt16(RTM_DELNEIGH), request(hop, flags: 0), flags: NLM_F_ACK)
    } catch {
      if ![ENOENT, ENODEV].contains(error.errno) { throw error }
    }
  }

  private static func request(_ hop: NextHops.Hop, flags: CInt) -> NetlinkPayload {
    var entry = ndmsg()
    entry.ndm_family = UInt8(hop.address.count == 4 ? AF_INET : AF_INET6)
    entry.ndm_ifindex = CInt(bitPattern: hop.ifindex)
    entry.ndm_state = UInt16(NUD_NONE)
    entry.ndm_flags = UInt8(flags)
    var payload = NetlinkPayload()
    payload.append(entry)
    payload.append(attribute: CInt(NDA_DST), hop.address)
    return payload
  }
}
