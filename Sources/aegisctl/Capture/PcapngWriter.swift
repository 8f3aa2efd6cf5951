import Aegis

/// Writes packets as pcapng, which libpcap only reads: Wireshark and tshark show the comments.
///
/// Packets are gathered and written several at a time, whole ones always: whoever reads the file meanwhile, or
/// after this process was killed, finds the end of a packet at its end.
struct PcapngWriter: ~Copyable {
  private var file: BlockFile
  private let snapLength: UInt32
  private var interfaces: [String: UInt32] = [:]

  /// Begins a file, or writes to standard output for `-`.
  ///
  /// A file that exists is emptied and keeps its owner and mode, whatever links lead to it; a new one is for its
  /// owner alone. A FIFO is waited for until somebody reads it.
  ///
  /// - Parameters:
  ///   - interfaces: Described in front of all packets. One that a packet names is described at the latest
  ///     then; but libpcap takes a file with no interface at all for damaged.
  ///   - snapLength: To how many bytes packets are cut; 0 for none.
  /// - Throws: `failed` if it cannot be written.
  init(
    _ path: String, interfaces: [String] = [], snapLength: UInt32 = 0
  ) throws(AegisError) {
    var file = try BlockFile(path)
    try file.append(PcapngBlock.section(by: "aegisctl \(Version.text)").bytes)
    for interface in interfaces where self.interfaces[interface] == nil {
      try file.append(PcapngBlock.interface(interface, snapLength: snapLength).bytes)
      self.interfaces[interface] = UInt32(self.interfaces.count)
    }
    try file.flush { _ in true }
    self.file = file
    self.snapLength = snapLength
  }

  /// Adds a packet, which is not necessarily written before `flush`.
  ///
  /// - Throws: `failed` if what is pending cannot be written, a full disk say; no more can be written then.
  mutating func write(_ packet: PcapngPacket) throws(AegisError) {
    let number = try number(of: packet.interface)
    try file.append(PcapngBlock.packet(packet, interface: number).bytes)
  }

  /// Writes all packets that were added. It has to be called in the end, or nobody learns of an error.
  ///
  /// - Parameter wait: As of `EventOutput`.
  /// - Returns: Whether all were written; if not, no more can be.
  /// - Throws: As `write`.
  @discardableResult
  mutating func flush(
    wait: (_ isStuck: Bool) -> Bool = { _ in true }
  ) throws(AegisError) -> Bool { try file.flush(wait: wait) }

  private mutating func number(of interface: String) throws(AegisError) -> UInt32 {
    if let number = interfaces[interface] { return number }
    let number = UInt32(interfaces.count)
    try file.append(PcapngBlock.interface(interface, snapLength: snapLength).bytes)
    interfaces[interface] = number
    return number
  }
}
