import CLinux
import Glibc

/// The interfaces of the calling thread's network namespace, which sysfs may not show.
public enum Interface {
  /// The index of an interface by any of its names; nil if there is no such interface.
  public static func index(of name: String) -> UInt32? { find(name)?.index }

  /// The interface with a name, which may be an alternative name of up to 127 bytes. A name that looks escaped is first
  /// tried unescaped, and then literally.
  ///
  /// The corresponding netlink request is `RTM_GETLINK`.
  public static func find(_ name: String) -> (index: UInt32, name: String)? {
    let (bytes, typed) = (name.unescaped, Array(name.utf8))
    return find(bytes, name) ?? (bytes == typed ? nil : find(typed, name))
  }

  private static func find(_ bytes: [UInt8], _ name: String) -> (index: UInt32, name: String)? {
    var payload = NetlinkPayload()
    payload.append(ifinfomsg())
    payload.append(attribute: CInt(IFLA_ALT_IFNAME), bytes + [0])
    let answers = try? Netlink(NETLINK_ROUTE, about: name).ask(UInt16(RTM_GETLINK), payload)
    guard let answer = answers?.first, let link = answer.structure(ifinfomsg.self),
      let own = answer.attributes(after: ifinfomsg.self)[CInt(IFLA_IFNAME)]
    else { return nil }
    return (
      UInt32(bitPattern: link.ifi_index), String(escaping: own.prefix { $0 != 0 })
    )
  }

  /// The name of an interface; nil if there is no interface of that index.
  ///
  /// The corresponding C function is `if_indextoname`.
  public static func name(of index: UInt32) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { buffer in
      if_indextoname(index, buffer.baseAddress).map { String(escaping: $0) }
    }
  }

  /// All interfaces.
  ///
  /// The corresponding C function is `if_nameindex`.
  public static func all() -> [(index: UInt32, name: String)] {
    guard let list = if_nameindex() else { return [] }
    defer { if_freenameindex(list) }
    var interfaces: [(index: UInt32, name: String)] = []
    var entry = list
    while let name = entry.pointee.if_name {
      interfaces.append((entry.pointee.if_index, String(escaping: name)))
      entry += 1
    }
    return interfaces
  }

  /// The name or, without one, the index, for use in errors.
  public static func description(of index: UInt32) -> String {
    name(of: index) ?? "interface \(index)"
  }
}
