internal import Linux

/// The datapath first reads an Ethernet header. Packets of a tunnel or a modem begin with the IP header, and would be
/// parsed at an offset that is wrong by 14 bytes.
extension Interfaces {
  /// ARPHRD_ETHER, and ARPHRD_LOOPBACK, whose packets have a header of zeros.
  private static let readable: Set<UInt16> = [1, 772]

  static func hasEthernetHeader(_ link: LinkInfo) -> Bool {
    readable.contains(link.hardwareType) && !link.isLayer3
  }

  /// Interfaces of the caller's network namespace that the datapath can be attached to.
  public static var attachable: [String] {
    let links = (try? LinkInfo.all()) ?? []
    return links.filter(hasEthernetHeader).map(\.name).sorted()
  }

  /// Throws for an interface whose packets have no Ethernet header. An interface that does not exist is not an error
  /// here.
  public static func requireEthernetHeader(_ name: String) throws(AegisError) {
    guard let index = Interface.index(of: name) else { return }
    let link = try kernel { () throws(SystemError) in try LinkInfo.of(index) }
    if let link, !hasEthernetHeader(link) { throw noEthernetHeader(link) }
  }

  /// Whether the interface exists and the datapath cannot read its packets.
  static func isUnreadable(_ index: UInt32) -> Bool {
    guard let link = try? LinkInfo.of(index) else { return false }
    return !hasEthernetHeader(link)
  }

  static func noEthernetHeader(_ link: LinkInfo) -> AegisError {
    AegisError(
      .badInput, "\(link.name): its packets have no Ethernet header, which the datapath needs",
      hint: "attach the interface that carries its packets"
        + (carrier(of: link).map { ": aegisctl attach \($0)" } ?? ""))
  }

  /// The interface that a tunnel's own packets come in by, if it can be determined and the datapath can read it.
  private static func carrier(of link: LinkInfo) -> String? {
    guard let tunnel = try? Tunnel.of(link), let index = tunnel.carrier,
      let carrier = try? LinkInfo.of(index), hasEthernetHeader(carrier)
    else { return nil }
    return carrier.name
  }
}
