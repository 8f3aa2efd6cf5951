internal import Linux

/// Checks a host and its interfaces before anything is attached. It changes nothing.
public struct Doctor: Sendable {
  private let root: PinRoot

  /// - Parameter root: The root of the instance whose programs are not foreign.
  public init(_ root: PinRoot) {
    self.root = root
  }

  /// Checks the kernel, the caller's rights and the file system of pins.
  public func host() -> [Finding] {
    HostChecks(facts: .read(for: root)).findings + parts + ReplyChecks.findings(at: root)
  }

  /// Findings about the relay and the hook; none if there is neither, or the caller may not see it.
  private var parts: [Finding] {
    guard let datapath = try? Datapath(at: root) else { return [] }
    return Self.findings(HookUpkeep.name, .error) { () throws(AegisError) in
      try HookUpkeep(datapath).findings()
    }
      + Self.findings(RelayUpkeep.name, .warning) { () throws(AegisError) in
        try RelayUpkeep(datapath)?.findings() ?? []
      }
  }

  private static func findings(
    _ name: String, _ level: Finding.Level, _ check: () throws(AegisError) -> [Finding]
  ) -> [Finding] {
    do throws(AegisError) {
      return try check()
    } catch {
      return [
        Finding(
          name, level, "not checked: \(error.message)", because: "packets may be lost",
          fix: error.hint)
      ]
    }
  }

  /// Checks an interface of the caller's network namespace.
  ///
  /// - Throws: `notLoaded` if there is no such interface, `badInput` if the datapath cannot read its packets.
  public func interface(_ name: String) throws(AegisError) -> [Finding] {
    try Interfaces.requireReadable(name, mode: .auto)
    let datapath = try? Datapath(at: root)
    let attached = datapath.flatMap { try? Interfaces($0).attachments() } ?? []
    var facts = try InterfaceFacts.read(name, attached: attached)
    facts.carried = Self.carried(over: name, datapath)
    facts.note(attached.filter { $0.name == name }, at: root)
    return InterfaceChecks(facts: facts).findings
      + Self.wire(
        of: attached.first { $0.name == name && !$0.isElsewhere && $0.wire != nil }, datapath)
  }

  /// Findings about the wire that an interface is a port of.
  private static func wire(of port: Attachment?, _ datapath: Datapath?) -> [Finding] {
    guard let port, let datapath, let options = port.declaredWire else { return [] }
    let ports = [port.name, options.peer].compactMap { try? WirePort.read($0) }
    guard ports.count == 2 else {
      return [
        Finding(
          "wire", .error, "the other port, \(options.peer), does not exist",
          because: options.ifDetached == .closed
            ? "nothing crosses the wire" : "only the bridge forwards")
      ]
    }
    let checks = WireChecks(
      ports: ports, ifDetached: options.ifDetached, isNative: port.mode != .generic)
    let wire = try? WireAttachment(datapath, ports.map(\.name), options, ports)
    let faults = (try? wire?.faults()) ?? []
    let findings =
      checks.errors
      + ports.flatMap(checks.transmission(afterwards:)).filter { !checks.errors.contains($0) }
      + faults.map {
        Finding("wire", .error, $0, because: "it was attached otherwise", fix: "aegisctl repair")
      }
    let state = [Finding.ok("wire", "to \(options.peer), \(options.ifDetached.rawValue)")]
    return (findings.isEmpty ? state : findings) + checks.warnings + checks.doubts
  }

  private static func carried(over name: String, _ datapath: Datapath?) -> [GuardedFlow] {
    let all = GuardedFlow.carried().flows
    guard let index = Interface.index(of: name), !all.isEmpty else { return [] }
    let policy = datapath.flatMap { try? ProspectivePolicy($0) }
    let paths = IngressPaths([index])
    return all.filter { paths.see($0) && !((try? policy?.isExempt($0)) ?? false) }
  }
}
