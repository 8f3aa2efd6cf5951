import Foundation
import TestSupport
import Testing

/// Who runs aegisctl in a network namespace of its own.
protocol AegisRunner: Sendable {
  var aegis: Aegisctl { get }

  @discardableResult
  func run(_ arguments: [String], input: String?) throws -> Outcome
}

extension AegisRunner {
  @discardableResult
  func run(_ arguments: [String]) throws -> Outcome { try run(arguments, input: nil) }

  /// Runs aegisctl, which must exit 0, and returns its JSON.
  @discardableResult
  func ok(
    _ arguments: [String], input: String? = nil, at location: SourceLocation = #_sourceLocation
  ) throws -> JSON {
    let outcome = try run(arguments + ["-o", "json"], input: input)
    #expect(outcome.status == 0, "\(arguments): \(outcome.error)", sourceLocation: location)
    guard outcome.status == 0 else { throw SupportError("\(arguments): \(outcome.error)") }
    return try outcome.json
  }

  /// Runs aegisctl, which must exit with a status, and returns what it complained of.
  @discardableResult
  func fails(
    _ status: Int32, _ arguments: [String], input: String? = nil,
    at location: SourceLocation = #_sourceLocation
  ) throws -> String {
    let outcome = try run(arguments, input: input)
    #expect(outcome.status == status, "\(arguments): \(outcome)", sourceLocation: location)
    return outcome.error
  }

  /// Of what is pinned, below the root.
  func names(_ directory: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: aegis.root + "/" + directory).sorted()
  }
}
