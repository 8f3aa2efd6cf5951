import CLinux
import Glibc

/// A socket to ask about an interface of the calling thread's network namespace.
struct InterfaceRequest: ~Copyable {
  private let socket: FileDescriptor
  private let name: String

  init(_ name: String) throws(SystemError) {
    let kind = CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
    socket = FileDescriptor(
      rawValue: try checkErrno(Glibc.socket(AF_INET, kind, 0), "make", "socket"))
    self.name = name
  }

  func mtu() throws(SystemError) -> Int {
    var request = ifreq()
    try run(UInt(SIOCGIFMTU), &request, "read the MTU of")
    return Int(request.ifr_ifru.ifru_mtu)
  }

  func set(_ flag: InterfaceFlags, _ isOn: Bool) throws(SystemError) {
    var request = ifreq()
    try run(UInt(SIOCGIFFLAGS), &request, "read the flags of")
    // The request has room for the lower 16 flags, among them all that may be set.
    let bit = CShort(truncatingIfNeeded: flag.rawValue)
    let before = request.ifr_ifru.ifru_flags
    let after = isOn ? before | bit : before & ~bit
    if after == before { return }
    request.ifr_ifru.ifru_flags = after
    try run(UInt(SIOCSIFFLAGS), &request, "set the flags of")
  }

  /// Sends a structure of `<linux/ethtool.h>`, which the kernel fills in.
  func ethtool(_ bytes: UnsafeMutableRawBufferPointer) throws(SystemError) {
    var request = ifreq()
    request.ifr_ifru.ifru_data = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    try run(UInt(SIOCETHTOOL), &request, "ask the driver of")
  }

  /// The names of the bits in the feature blocks.
  func featureNames() throws(SystemError) -> [String] {
    let width = Int(ETH_GSTRING_LEN)
    let head = MemoryLayout<ethtool_gstrings>.size
    let count = try featureCount()
    let bytes = try ask(byteCount: head + count * width) { bytes in
      bytes.storeBytes(of: UInt32(ETHTOOL_GSTRINGS), as: UInt32.self)
      bytes.storeBytes(of: ETH_SS_FEATURES.rawValue, toByteOffset: 4, as: UInt32.self)
      bytes.storeBytes(of: UInt32(count), toByteOffset: 8, as: UInt32.self)
    }
    return (0..<count).map { index in
      let text = bytes[(head + index * width)...].prefix(width)
      return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  func featureBlocks(count: Int) throws(SystemError) -> [ethtool_get_features_block] {
    let head = MemoryLayout<ethtool_gfeatures>.size
    let width = MemoryLayout<ethtool_get_features_block>.size
    let bytes = try ask(byteCount: head + count * width) { bytes in
      bytes.storeBytes(of: UInt32(ETHTOOL_GFEATURES), as: UInt32.self)
      bytes.storeBytes(of: UInt32(count), toByteOffset: 4, as: UInt32.self)
    }
    return bytes.withUnsafeBytes { bytes in
      (0..<count).map {
        bytes.loadUnaligned(
          fromByteOffset: head + $0 * width, as: ethtool_get_features_block.self)
      }
    }
  }

  private func featureCount() throws(SystemError) -> Int {
    let head = MemoryLayout<ethtool_sset_info>.size
    let bytes = try ask(byteCount: head + 4) { bytes in
      bytes.storeBytes(of: UInt32(ETHTOOL_GSSET_INFO), as: UInt32.self)
      bytes.storeBytes(
        of: UInt64(1) << UInt64(ETH_SS_FEATURES.rawValue), toByteOffset: 8, as: UInt64.self)
    }
    return bytes.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: head, as: UInt32.self)) }
  }

  /// For structures that end in a variable-length array.
  private func ask(
    byteCount: Int, _ prepare: (UnsafeMutableRawBufferPointer) -> Void
  ) throws(SystemError) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 8)
    defer { buffer.deallocate() }
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
    prepare(buffer)
    try ethtool(buffer)
    return Array(buffer)
  }

  private func run(
    _ number: UInt, _ request: inout ifreq, _ operation: String
  ) throws(SystemError) {
    withUnsafeMutableBytes(of: &request.ifr_ifrn.ifrn_name) {
      $0.copyBytes(from: name.unescaped.prefix($0.count - 1))
    }
    let descriptor = socket.rawValue
    let result = withUnsafeMutablePointer(to: &request) { ioctl(descriptor, number, $0) }
    try checkErrno(result, operation, name)
  }
}
