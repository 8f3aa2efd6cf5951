/// Whom a change would cut off.
public struct Endangered: Sendable {
  let watched: [Watched]

  /// The one that a prefix holds, in words.
  public func named(by prefix: Prefix) -> String? {
    watched.first { prefix.contains($0.source) }?.description
  }

  /// The one whose packets a key lets in.
  public func named(by key: AllowKey) -> String? {
    watched.first { one in
      (key.source.map { $0.contains(one.source) || one.origin?.contains($0) ?? false } ?? true)
        && (key.port == nil || one.port == nil || key.port == one.port)
        && (key.protocol == nil || key.protocol == one.protocol)
    }?.description
  }
}
