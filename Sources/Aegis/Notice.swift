/// What an operator should hear of although nobody asked for it.
public enum Notice {
  /// Set once, at the start of a process.
  nonisolated(unsafe) public static var handler: (String) -> Void = { _ in }

  public static func give(_ text: String) { handler(text) }
}
