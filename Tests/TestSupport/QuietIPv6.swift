/// What keeps frames that no test sent out of its counts.
public enum QuietIPv6 {
  /// Words for sysctl, for interfaces that a namespace does not have yet.
  ///
  /// MLD reports cannot be switched off. With this interval those of new addresses leave within 30 ms
  /// of the carrier (`mld_ifc_work`), where they could come seconds later.
  static let settings = ["all", "default"].flatMap { scope in
    [
      "accept_dad=0", "dad_transmits=0", "accept_ra=0", "router_solicitations=0",
      "mldv2_unsolicited_report_interval=1",
    ].map { "net.ipv6.conf.\(scope).\($0)" }
  }

  /// Seconds from the carrier until the reports have left.
  public static let wait = 0.05
}
