import Glibc

/// Two network namespaces and a BPF file system that have no names outside this process and end with it.
public struct NamespacePair: ~Copyable, Sendable {
  /// The namespace of the calling thread.
  public let home: FileDescriptor
  /// The namespace that packets come from.
  public let away: FileDescriptor

  /// Moves the calling thread to new namespaces.
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

  /// Runs `body` with the calling thread in the other namespace; sockets created there stay in it.
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
