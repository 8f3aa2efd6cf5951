internal import BPF

/// Looks at a host and its interfaces before anything is attached, and changes nothing.
public struct Doctor: Sendable {
  private let root: PinRoot

  /// - Parameter root: Of the instance whose programs are not foreign.
  public init(_ root: PinRoot) {
    self.root = root
  }

  /// The kernel, the caller's rights and the file system of pins.
  public func host() -> [Finding] {
    HostChecks(facts: .read(for: root)).findings
  }

  /// An interface of the caller's network namespace.
  ///
  /// - Throws: `notLoaded` if there is no such interface.
  public func interface(_ name: String) throws(AegisError) -> [Finding] {
    let datapath = try? Datapath(at: root)
    let attached = datapath.flatMap { try? Interfaces($0).attachments() } ?? []
    return try InterfaceChecks(facts: .read(name, attached: attached)).findings
  }
}
