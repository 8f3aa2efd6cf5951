/// What an operator should hear of although nobody asked for it.
public enum Notice {
  /// Set once, at the start of a process.
  nonisolated(unsafe) public static var handler: (String) -> Void = { _ in }

  public static func give(_ text: String) { handler(text) }

  private static let most = 20

  /// Of many of a kind only the first, and how many more there are.
  public static func give(_ texts: [String]) {
    for text in texts.prefix(most) { give(text) }
    if texts.count > most { give("and \(texts.count - most) more") }
  }
}
