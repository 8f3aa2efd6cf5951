extension AegisError {
  /// The kind of error, as a word for programs. More may be added.
  public enum Code: String, Sendable, CaseIterable {
    case usage
    case invalidValue = "invalid-value"
    case outOfBounds = "out-of-bounds"
    case notLoaded = "not-loaded"
    case notAttached = "not-attached"
    case kernel
    case occupied
    case timeout
    case permission
    case layout
    case guarded
    case damaged
    case failed
  }

  /// The subject of a message, in parts.
  public struct Subject: Sendable, Hashable {
    /// The file as it was named: `standard input` for `-`.
    public var file: String?
    public var line: Int?
    /// A field of a document, or an option.
    public var field: String?
    /// The value that was read.
    public var value: String?

    public init(
      file: String? = nil, line: Int? = nil, field: String? = nil, value: String? = nil
    ) {
      self.file = file
      self.line = line
      self.field = field
      self.value = value
    }
  }

  /// The same error, about this subject.
  public func about(_ subject: Subject) -> AegisError {
    var error = self
    error.subject = subject
    return error
  }
}

extension AegisError.Kind {
  /// The code if nothing more specific is known.
  var code: AegisError.Code {
    switch self {
    case .failed: .failed
    case .usage: .usage
    case .badInput: .invalidValue
    case .notLoaded: .notLoaded
    case .kernelRefused: .kernel
    case .interfaceTaken: .occupied
    case .timedOut: .timeout
    case .notPermitted: .permission
    case .otherLayout: .layout
    case .wouldLockOut: .guarded
    }
  }
}
