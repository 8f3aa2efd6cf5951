/// What a command left behind.
public struct Outcome: Sendable {
  public let status: Int32
  public let output: String
  public let error: String

  public init(status: Int32, output: String, error: String) {
    self.status = status
    self.output = output
    self.error = error
  }

  /// Standard output as JSON.
  public var json: JSON { get throws { try JSON(parsing: output) } }
}

public struct SupportError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
