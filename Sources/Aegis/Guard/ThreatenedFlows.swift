/// The flows that a change would cut off.
public struct ThreatenedFlows: Sendable {
  let flows: [GuardedFlow]

  /// Describes the flow whose source is in a prefix.
  public func named(by prefix: Prefix) -> String? {
    flows.first { prefix.contains($0.source) }?.description
  }

  /// Describes the flow whose packets a key lets in.
  public func named(by key: AllowKey) -> String? {
    flows.first { one in
      (key.source.map { $0.contains(one.source) || one.origin?.contains($0) ?? false } ?? true)
        && key.ports.map { ports in one.port.map(ports.contains) ?? true } ?? true
        && (key.protocol == nil || key.protocol == one.protocol)
    }?.description
  }
}
