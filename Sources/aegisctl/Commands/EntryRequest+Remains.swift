import Aegis

/// Errors for a removal that did not have the effect its arguments suggest.
extension AegisError {
  private static let mostNamed = 3

  static func remains(
    _ source: Prefix, _ remains: DropRemains, _ direction: Direction, dryRun: Bool
  ) -> AegisError {
    switch remains {
    case .within(let prefix, let list):
      let verb = dryRun ? "would still be" : "is still"
      let (name, option) =
        list == .manual ? ("", direction.option) : (" of list \(list)", " --list \(list)")
      return AegisError(
        .failed, "\(source) \(verb) dropped, by \(prefix)\(name)",
        hint: """
          aegisctl drop-ip --remove \(prefix)\(option), or for this one alone: \
          aegisctl allow-key \(words([AllowKey(of: source)])) --protect\(direction.option)
          """)
    case .inside(let prefixes):
      return AegisError(
        .failed, "\(source) is not on the list, but \(named(prefixes)) in it \(isOrAre(prefixes))",
        hint: "aegisctl drop-ip --remove \(words(prefixes))\(direction.option)")
    }
  }

  static func near(
    _ key: AllowKey, _ others: [AllowKey], _ direction: Direction
  ) -> AegisError {
    let verb = others.count == 1 ? "allows" : "allow"
    return AegisError(
      .failed,
      "\(key) is not a key, but \(named(others)) \(verb) some of the same packets",
      hint: "aegisctl allow-key --remove \(words(others))\(direction.option)")
  }

  private static func isOrAre<Element>(_ elements: [Element]) -> String {
    elements.count == 1 ? "is" : "are"
  }

  private static func named(_ elements: [some CustomStringConvertible]) -> String {
    let more = elements.count > mostNamed ? ["\(elements.count - mostNamed) more"] : []
    return (elements.prefix(mostNamed).map(\.description) + more).joined(separator: ", ")
  }

  /// Quoted for a shell, to which brackets are a pattern.
  private static func words(_ elements: [some CustomStringConvertible]) -> String {
    elements.prefix(mostNamed).map { element in
      let text = element.description
      return text.hasPrefix("[") ? "'\(text)'" : text
    }.joined(separator: " ")
  }
}
