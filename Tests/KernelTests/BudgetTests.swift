import BPF
import Foundation
import Linux
import TestSupport
import Testing

@testable import Aegis

/// The verifier gives up on a program after a million instructions, and takes its time for each. Every program of every
/// object in the binary stays well below.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct BudgetTests {
  private static let mostProcessed = 500_000
  /// The kernel's `MAX_BPF_STACK`.
  private static let mostStack = 512
  private static let mostSeconds = 1.5

  @Test func everyObjectStaysWithinIt() throws {
    let all = try BPFObjects.all.map { (name: $0.name, programs: try Self.load($0)) }
    let rows = all.flatMap { object in object.programs.map { Self.row(object.name, $0) } }
    let head = ["object", "program", "processed", "states", "peak", "stack", "deepest", "us"]
    print(Self.table([head] + rows))
    #expect(Set(all.map(\.name)).isSuperset(of: ["aegis", "tc", "timed"]))
    for (name, programs) in all {
      #expect(!programs.isEmpty, "\(name) has no program")
      for program in programs {
        #expect(program.processed > 0, "\(program)")
        #expect(program.processed <= Self.mostProcessed, "\(program)")
        #expect(program.deepestStack <= Self.mostStack, "\(program)")
      }
    }
  }

  /// Of user and kernel, the verifier's time included.
  @Test func loadTakesLittle() throws {
    let instance = Aegisctl()
    defer { instance.cleanUp() }
    let tool = BuiltBinary.path("aegisctl")
    let taken = try (0..<3).map { _ in
      let load = try ChildProcess.measure([tool, "load", "-q", "--pin-root", instance.root])
      #expect(load.status == 0)
      let unload = try ChildProcess.run([tool, "unload", "-q", "--pin-root", instance.root])
      #expect(unload == 0)
      return load.seconds
    }
    print("load: \(taken.map { String(format: "%.2f", $0) }.joined(separator: ", ")) s of CPU")
    let least = try #require(taken.min())
    #expect(least <= Self.mostSeconds * Double(Machine.slowness), "\(taken)")
  }

  private static func load(_ object: (name: String, base64: String)) throws -> [Verification] {
    var loaded = try BPFObject(BPFObjects.decode(object.base64), name: object.name)
    return try loaded.loadMeasured()
  }

  private static func row(_ object: String, _ program: Verification) -> [String] {
    let depths = program.stackDepths.map { "\($0)" }.joined(separator: "+")
    return [
      object, program.program, "\(program.processed)", "\(program.states)",
      "\(program.peakStates)", depths, "\(program.deepestStack)", "\(program.microseconds)",
    ]
  }

  private static func table(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
        .joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
