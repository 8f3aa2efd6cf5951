import Glibc

/// Two network namespaces and a BPF file system without a name outside this process, with which they go.
public struct NamespacePair: ~Copyable, Sendable {
  /// The calling thread is in it.
  public let home: FileDescriptor
  /// Where packets come from.
  public let away: FileDescriptor

  /// Moves the calling thread to namespaces of its own.
  ///
  /// - Parameter path: Where to mount the BPF file system.
  ///
  /// The corresponding C functions are `unshare` and `mount`.
  public init(mountingBPFAt path: String) throws(SystemError) {
    try MountNamespace.unshare()
    try MountNamespace.mountBPF(at: path)
    try NetworkNamespace.unshare()
    let away = try NetworkNamespace.current()
    try NetworkNamespace.unshare()
    home = try NetworkNamespace.current()
    self.away = away
  }

  /// How `ip link set … netns` names the other namespace.
  public var awayPath: String { "/proc/\(getpid())/fd/\(away.rawValue)" }

  /// Does something with the calling thread in the other namespace; sockets made there stay in it.
  ///
  /// The corresponding C function is `setns`.
  public func inAway<Value, Failure: Error>(
    _ body: () throws(Failure) -> Value
  ) throws(SystemError) -> Result<Value, Failure> {
    try NetworkNamespace.enter(away)
    let result = Result(catching: body)
    try NetworkNamespace.enter(home)
    return result
  }
}
