internal import CAegis
internal import Linux

/// XDP first reads an Ethernet header. Packets of a tunnel or a modem begin with the IP header, and would be parsed at
/// an offset that is wrong by 14 bytes; behind tc the kernel says what they are.
extension Interfaces {
  /// ARPHRD_ETHER, and ARPHRD_LOOPBACK, whose packets have a header of zeros.
  private static let readable: Set<UInt16> = [1, 772]
  /// ARPHRD_PPP, _RAWIP, _TUNNEL, _TUNNEL6, _SIT and _NONE.
  private static let bare: Set<UInt16> = [512, 519, 768, 769, 776, 65534]

  static func hasEthernetHeader(_ link: LinkInfo) -> Bool {
    readable.contains(link.hardwareType) && !link.isLayer3
  }

  /// Whether its packets begin with the IP header.
  static func isBare(_ link: LinkInfo) -> Bool {
    bare.contains(link.hardwareType) || link.isLayer3
  }

  /// - Throws: `notLoaded` if there is no such interface.
  static func link(_ index: UInt32) throws(AegisError) -> LinkInfo {
    guard let link = try kernel({ () throws(SystemError) in try LinkInfo.of(index) }) else {
      throw noInterface("interface \(index)")
    }
    return link
  }

  /// Interfaces of the caller's network namespace that the datapath can be attached to.
  public static var attachable: [String] {
    links { hasEthernetHeader($0) || isBare($0) }
  }

  /// Those of them whose packets have an Ethernet header.
  static var framed: [String] { links(hasEthernetHeader) }

  private static func links(_ isWanted: (LinkInfo) -> Bool) -> [String] {
    ((try? LinkInfo.all()) ?? []).filter(isWanted).map(\.name).sorted()
  }

  /// Throws for an interface whose packets the datapath cannot read in a mode. An interface that does not exist is not
  /// an error here.
  static func requireReadable(_ name: String, mode: AttachMode) throws(AegisError) {
    guard let index = Interface.index(of: name) else { return }
    let link = try kernel { () throws(SystemError) in try LinkInfo.of(index) }
    guard let link, !hasEthernetHeader(link) else { return }
    if mode == .auto || mode == .tc, isBare(link) { return }
    throw noEthernetHeader(link)
  }

  /// Whether the interface exists and the datapath cannot read its packets in a mode.
  static func isUnreadable(_ index: UInt32, mode: AttachMode) -> Bool {
    guard let link = try? LinkInfo.of(index) else { return false }
    return !hasEthernetHeader(link) && !(mode == .tc && isBare(link))
  }

  /// Whether an interface exists, and its packets begin with the IP header.
  static func isBare(_ index: UInt32) -> Bool {
    ((try? LinkInfo.of(index)) ?? nil).map { isBare($0) } ?? false
  }

  /// Throws for an interface whose packets have no Ethernet header. An interface that does not exist is not an error
  /// here.
  public static func requireEthernetHeader(_ name: String) throws(AegisError) {
    guard let index = Interface.index(of: name) else { return }
    let link = try kernel { () throws(SystemError) in try LinkInfo.of(index) }
    if let link, !hasEthernetHeader(link) { throw noEthernetHeader(link) }
  }

  static func noEthernetHeader(_ link: LinkInfo) -> AegisError {
    let below =
      "attach the interface that carries its packets"
      + (carrier(of: link).map { ": aegisctl attach \($0)" } ?? "")
    return AegisError(
      .badInput, "\(link.name): its packets have no Ethernet header, which XDP needs",
      hint: isBare(link) ? "aegisctl attach \(ShellWord(link.name)) --mode tc; or \(below)" : below)
  }

  /// The interface that a tunnel's own packets come in by, if it can be determined and the datapath can read it.
  private static func carrier(of link: LinkInfo) -> String? {
    guard let tunnel = try? Tunnel.of(link), let index = tunnel.carrier,
      let carrier = try? LinkInfo.of(index), hasEthernetHeader(carrier)
    else { return nil }
    return carrier.name
  }
}

extension aegis_interface {
  /// Notes what the datapath must know of a link.
  mutating func note(_ link: LinkInfo) {
    flags &= ~aegis_port_flag.bare
    if Interfaces.isBare(link) { flags |= aegis_port_flag.bare }
  }
}
