/// The ports that the kernel gives to sockets that ask for none.
public struct LocalPorts: Sendable, Equatable {
  public let range: ClosedRange<UInt16>
  /// Those of them that it does not give, in the form of the kernel: `8080,9148-9150`.
  public let reserved: String

  /// Reads what the kernel says: two numbers, and a list of ranges; nil for other text.
  public init?(range: String, reserved: String) {
    let ends = range.split(whereSeparator: \.isWhitespace).compactMap { UInt16($0) }
    guard ends.count == 2, ends[0] <= ends[1] else { return nil }
    self.range = ends[0]...ends[1]
    self.reserved = String(reserved.filter { !$0.isWhitespace })
  }

  /// Those of the calling thread's network namespace; nil if the kernel does not say.
  public static func read() -> LocalPorts? {
    let files = SystemFiles()
    guard let range = try? files.read("/proc/sys/net/ipv4/ip_local_port_range"),
      let reserved = try? files.read("/proc/sys/net/ipv4/ip_local_reserved_ports")
    else { return nil }
    return LocalPorts(range: range, reserved: reserved)
  }

  /// The range that a kernel begins with.
  public static let usual: ClosedRange<UInt16> = 32_768...60_999

  /// The range of the calling thread's network namespace.
  public static var now: ClosedRange<UInt16> { read()?.range ?? usual }

  /// Whether a socket may get one of some ports.
  public func gives(_ ports: ClosedRange<UInt16>) -> Bool {
    guard ports.overlaps(range) else { return false }
    let kept = reserved.split(separator: ",").compactMap { text -> ClosedRange<UInt16>? in
      let ends = text.split(separator: "-").compactMap { UInt16($0) }
      guard let first = ends.first, let last = ends.last, first <= last else { return nil }
      return first...last
    }
    return ports.clamped(to: range).contains { port in
      !kept.contains { $0.contains(port) }
    }
  }
}
