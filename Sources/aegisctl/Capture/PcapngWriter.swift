import Aegis

/// Writes packets as pcapng, which libpcap can only read. Wireshark and tshark show the comments.
///
/// Packets are collected and written several at a time, and always whole: a reader of the file sees it end with a
/// whole packet at any time, even after this process was killed.
struct PcapngWriter: ~Copyable {
  private var file: BlockFile
  private let snapLength: UInt32
  private var interfaces: [String: UInt32] = [:]

  /// Begins a file, or writes to standard output for `-`.
  ///
  /// An existing file is emptied and keeps its owner and mode, even behind links; a new file is accessible only to
  /// its owner. Opening a FIFO waits for its reader.
  ///
  /// - Parameters:
  ///   - interfaces: Described before all packets. Other interfaces are described when a packet names them, but
  ///     libpcap treats a file without any interface as damaged.
  ///   - snapLength: The length in bytes that packets are cut to; 0 for no limit.
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

  /// Adds a packet, which may stay pending until `flush`.
  ///
  /// - Throws: `failed` if pending packets cannot be written, for example because the disk is full; nothing more can
  ///   be written then.
  mutating func write(_ packet: PcapngPacket) throws(AegisError) {
    let number = try number(of: packet.interface)
    try file.append(PcapngBlock.packet(packet, interface: number).bytes)
  }

  /// Writes all packets that were added. Call it at the end; otherwise errors remain unnoticed.
  ///
  /// - Parameter wait: As for `EventOutput`.
  /// - Returns: Whether all were written; if not, nothing more can be written.
  /// - Throws: The same as `write`.
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
