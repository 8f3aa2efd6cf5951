import CLinux
import Glibc

/// Queries to kernel subsystems that are addressed by name, through generic netlink.
public enum GenericNetlink {
  /// Sends a command to a family, with an attribute or without one.
  ///
  /// - Parameters:
  ///   - subject: The name of the queried object in errors.
  ///   - dump: Whether there may be many answers.
  /// - Returns: The attributes of each answer; nil if the kernel has no family of that name.
  ///
  /// The corresponding C functions are `send` and `recv`.
  public static func ask(
    _ family: String, about subject: String, command: CInt,
    attribute: (type: CInt, value: [UInt8])? = nil, dump: Bool = false
  ) throws(SystemError) -> [NetlinkAttributes]? {
    let netlink = try Netlink(NETLINK_GENERIC, about: subject)
    guard let number = try netlink.family(family) else { return nil }
    return try netlink.ask(number, dump: dump, payload(command, attribute)).map {
      $0.attributes(after: genlmsghdr.self)
    }
  }

  fileprivate static func payload(
    _ command: CInt, _ attribute: (type: CInt, value: [UInt8])?
  ) -> NetlinkPayload {
    var payload = NetlinkPayload()
    payload.append(genlmsghdr(cmd: UInt8(command), version: 1, reserved: 0))
    if let attribute { payload.append(attribute: attribute.type, attribute.value) }
    return payload
  }
}

extension Netlink {
  /// The number of a generic netlink family; nil if the kernel has none of that name.
  ///
  /// The corresponding netlink request is `CTRL_CMD_GETFAMILY`.
  fileprivate func family(_ name: String) throws(SystemError) -> UInt16? {
    let request = GenericNetlink.payload(
      CInt(CTRL_CMD_GETFAMILY), (CInt(CTRL_ATTR_FAMILY_NAME), Array(name.utf8) + [0]))
    do {
      let answer = try ask(UInt16(GENL_ID_CTRL), request, most: 1).first
      return answer?.attributes(after: genlmsghdr.self).value(
        CInt(CTRL_ATTR_FAMILY_ID), UInt16.self)
    } catch {
      if error.errno == ENOENT { return nil }
      throw error
    }
  }
}
