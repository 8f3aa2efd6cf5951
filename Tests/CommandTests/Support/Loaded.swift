import TestSupport
import Testing

/// Gives the tests of a suite one small loaded instance, `Loaded.instance`, and removes it after them.
struct Loaded: SuiteTrait, TestScoping {
  @TaskLocal static var instance = Aegisctl()

  static let smallest = ["--max-drops", "64", "--max-keys", "16", "--max-sources", "56"]

  var isRecursive: Bool { false }

  func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    let instance = Aegisctl()
    defer { instance.cleanUp() }
    try Self.load(instance)
    try await Self.$instance.withValue(instance, operation: function)
  }

  static func load(_ instance: Aegisctl) throws {
    let outcome = try instance.run(["load", "-q"] + smallest)
    try #require(outcome.status == 0, "\(outcome.error)")
  }

  /// For a test that leaves the instance changed.
  static func fresh<Result>(_ body: (Aegisctl) throws -> Result) throws -> Result {
    let instance = Aegisctl()
    defer { instance.cleanUp() }
    try load(instance)
    return try body(instance)
  }
}

extension Trait where Self == Loaded {
  static var loaded: Self { Self() }
}
