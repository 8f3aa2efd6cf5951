extension Policy {
  /// Whether the packets of a session get in.
  public func letsIn(_ session: RemoteSession) -> Bool {
    if mode == .monitor { return true }
    let matching = (keys ?? [:]).keys.filter { session.isNamed(by: $0.key) }
    if matching.contains(where: \.isProtected) { return true }
    let isDropped = (drops ?? [:]).contains { prefix, conditions in
      !conditions.isMonitored && prefix.contains(session.peer)
    }
    return !isDropped && (defaultAction != .deny || !matching.isEmpty)
  }
}
