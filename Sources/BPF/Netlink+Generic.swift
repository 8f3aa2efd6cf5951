import CLibBPF
import Glibc

extension Netlink {
  /// The number of a generic netlink family; nil if the kernel has none of that name.
  ///
  /// The corresponding netlink request is `CTRL_CMD_GETFAMILY`.
  func family(_ name: String) throws(SystemError) -> UInt16? {
    var request = NetlinkPayload()
    request.append(genlmsghdr(cmd: UInt8(CTRL_CMD_GETFAMILY), version: 1, reserved: 0))
    request.append(attribute: CInt(CTRL_ATTR_FAMILY_NAME), Array(name.utf8) + [0])
    do {
      let answer = try ask(UInt16(GENL_ID_CTRL), request, most: 1).first
      let attributes = answer?.attributes(after: genlmsghdr.self) ?? [:]
      return attributes[CInt(CTRL_ATTR_FAMILY_ID)].flatMap {
        NetlinkMessage.load(UInt16.self, from: $0)
      }
    } catch {
      if error.errno == ENOENT { return nil }
      throw error
    }
  }
}

extension NetlinkMessage {
  /// The members of an array of attributes, which may all have the same type.
  static func elements(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var elements: [ArraySlice<UInt8>] = []
    var rest = bytes
    while let length = load(UInt16.self, from: rest).map(Int.init), length >= 4,
      length <= rest.count
    {
      elements.append(rest.prefix(length).dropFirst(4))
      rest = rest.dropFirst((length + 3) & ~3)
    }
    return elements
  }
}
