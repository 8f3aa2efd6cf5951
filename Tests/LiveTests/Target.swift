import TestSupport

extension Sandbox {
  /// Gives the host the addresses that packets of `TestModel` are for.
  ///
  /// - Returns: Its hardware address.
  func becomeTarget() throws -> [UInt8] {
    let name = host.interface
    let settings =
      ["all", name].map { "net.ipv6.conf.\($0).disable_ipv6=0" }
      + ["net.ipv6.conf.\(name).accept_dad=0"]
    try run(in: .host, ["sysctl", "-qw"] + settings)
    try ip(
      in: .host,
      ["addr add 198.51.100.1/32 dev \(name)", "addr add 2001:db8::ff/128 dev \(name) nodad"])
    let link = try run(in: .host, ["ip", "-j", "link", "show", name]).json
    let text = link[0]["address"].string ?? ""
    let address = text.split(separator: ":").compactMap { UInt8($0, radix: 16) }
    guard address.count == 6 else { throw SupportError("\(name) has the address \(text)") }
    return address
  }
}
