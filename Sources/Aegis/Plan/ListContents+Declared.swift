extension ListContents where Element == Prefix {
  /// The entries as a policy declares them, with what the list says of each. As for `drop-ip`, those that a wider one
  /// covers are left out, unless the list is a dump.
  public func declared() -> [Prefix: Policy.Conditions] {
    var contents = self
    if isWhole { contents.mergeEqual(lives: true) } else { contents.mergeOverlaps(lives: true) }
    let conditions = terms.map { terms in
      EntryEdit(
        end: terms.end.map { .at($0) } ?? terms.lifetime.map { .after($0) } ?? .never,
        note: terms.note, isMonitored: terms.isMonitored
      ).made(of: nil)
    }
    var declared: [Prefix: Policy.Conditions] = [:]
    declared.reserveCapacity(contents.entries.count)
    for entry in contents.entries { declared[entry.element] = conditions[Int(entry.terms)] }
    return declared
  }
}
