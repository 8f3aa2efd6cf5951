import Glibc

/// An interface whose packets travel over another one in frames that are not IP: MACsec, and PPP over Ethernet.
public struct CarriedFrames: Sendable, Equatable {
  public let name: String
  /// The interface that they travel over.
  public let lower: UInt32

  init(name: String, lower: UInt32) {
    self.name = name
    self.lower = lower
  }

  /// nil for any other interface. PPP interfaces do not report what carries them.
  public init?(_ link: LinkInfo) {
    guard link.kind == "macsec", let lower = link.lower else { return nil }
    self.init(name: link.name, lower: lower)
  }

  /// The PPP over Ethernet sessions; empty if the kernel's module is not loaded.
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

  /// Parses lines of number, address and interface, below a heading.
  static func sessions(in text: String) -> [(name: String, device: String)] {
    text.split(separator: "\n").dropFirst().compactMap { line in
      let words = line.split(separator: " ")
      guard words.count == 3 else { return nil }
      return ("PPPoE on \(words[2])", String(words[2]))
    }
  }
}
