import Foundation
import TestSupport
import Testing

/// What the steps print: each format has an instance of its own that goes through all of them.
enum Transcript {
  struct Printed: Sendable {
    let status: Int32
    /// As it was printed.
    let raw: String
    /// With what is volatile named.
    let output: String
    let error: String
  }

  static let formats = ["table", "wide", "json", "yaml", "name"]

  /// By step and format.
  static let shared = Result { try record() }

  private static func record() throws -> [String: [String: Printed]] {
    var printed: [String: [String: Printed]] = [:]
    for format in formats {
      try OwnNamespace.with { namespace in
        let instance = Aegisctl()
        defer { instance.cleanUp() }
        for step in GoldenStep.all {
          printed[step.name, default: [:]][format] = try run(step, format, instance, namespace)
        }
      }
    }
    return printed
  }

  private static func run(
    _ step: GoldenStep, _ format: String, _ instance: Aegisctl, _ namespace: String
  ) throws -> Printed {
    if step.pings > 0 { try OwnNamespace.ping(namespace, count: step.pings) }
    let outcome = try instance.run(
      step.arguments + ["-o", format], input: step.input,
      namespace: namespace)
    return Printed(
      status: outcome.status, raw: outcome.output,
      output: Volatile.normalised(outcome.output, root: instance.root), error: outcome.error)
  }
}
