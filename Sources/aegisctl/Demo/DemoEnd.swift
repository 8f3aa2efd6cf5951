import Glibc
import Linux

/// A network namespace that a port of the demonstrated gateway leads to.
final class DemoEnd: Sendable {
  private let namespace: FileDescriptor
  let name: String

  /// Moves the calling thread to a new network namespace, and keeps that.
  init(_ name: String) throws(SystemError) {
    try NetworkNamespace.unshare()
    namespace = try NetworkNamespace.current()
    self.name = name
  }

  /// Its only interface besides the loopback.
  var interface: String { name + "0" }

  /// How `ip link … netns` names it.
  var path: String { "/proc/\(getpid())/fd/\(namespace.rawValue)" }

  /// Runs `body` with the calling thread in the namespace; sockets created there stay in it.
  func inside<Value: ~Copyable>(
    _ body: () throws(SystemError) -> Value
  ) throws(SystemError) -> Value {
    let home = try NetworkNamespace.current()
    try NetworkNamespace.enter(namespace)
    let result = Result(catching: body)
    try NetworkNamespace.enter(home)
    return try result.get()
  }
}
