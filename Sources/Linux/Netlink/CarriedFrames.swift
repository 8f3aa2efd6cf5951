import Glibc

/// An interface whose packets travel over another one in frames that are not IP: MACsec, and PPP over Ethernet.
public struct CarriedFrames: Sendable, Equatable {
  public let name: String
  /// Of the interface that they travel over.
  public let lower: UInt32

  init(name: String, lower: UInt32) {
    self.name = name
    self.lower = lower
  }

  /// nil for any other interface. What carries PPP is not told by its interface.
  public init?(_ link: LinkInfo) {
    guard link.kind == "macsec", let lower = link.lower else { return nil }
    self.init(name: link.name, lower: lower)
  }

  /// The sessions of PPP over Ethernet; none without the kernel's module for it.
  public static func pppoe() throws(SystemError) -> [CarriedFrames] {
    do {
      return sessions(in: try SystemFiles().read("/proc/net/pppoe")).compactMap {
        name, device in
        Interface.index(of: device).map { CarriedFrames(name: name, lower: $0) }
      }
    } catch {
      if [ENOENT, ENOTDIR].contains(error.errno) { return [] }
      throw error
    }
  }

  /// Lines of number, address and interface, below a heading.
  static func sessions(in text: String) -> [(name: String, device: String)] {
    text.split(separator: "\n").dropFirst().compactMap { line in
      let words = line.split(separator: " ")
      guard words.count == 3 else { return nil }
      return ("PPPoE on \(words[2])", String(words[2]))
    }
  }
}
