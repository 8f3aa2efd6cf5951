extension String {
  /// The text of a C array of characters, up to its first zero.
  public init<Characters: BitwiseCopyable>(zeroTerminated characters: Characters) {
    self = withUnsafeBytes(of: characters) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// The part after the last slash.
  public var lastPathComponent: String {
    String(self[(lastIndex(of: "/").map(index(after:)) ?? startIndex)...])
  }

  /// The part before the last slash: `/` for an entry of the root, nil without a slash.
  public var parentDirectory: String? {
    guard let slash = lastIndex(of: "/") else { return nil }
    return slash == startIndex ? "/" : String(self[..<slash])
  }
}
