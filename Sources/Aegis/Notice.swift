/// Messages that an operator should see although nobody asked for them.
public enum Notice {
  /// Set once, at the start of a process.
  nonisolated(unsafe) public static var handler: (String) -> Void = { _ in }

  public static func give(_ text: String) { handler(text) }

  private static let most = 20

  /// Gives only the first of many similar texts, and the number of others.
  public static func give(_ texts: [String]) {
    for text in texts.prefix(most) { give(text) }
    if texts.count > most { give("and \(texts.count - most) more") }
  }
}
