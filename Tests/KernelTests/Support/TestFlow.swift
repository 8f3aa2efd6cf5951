import BPF
import Foundation

@testable import Aegis

/// Frames that are judged one after the other, as quickly as can be until it is stopped.
final class TestFlow: @unchecked Sendable {
  private let lock = NSLock()
  private var isStopped = false
  private var judgedSoFar: UInt64 = 0
  private let done = DispatchSemaphore(value: 0)
  private var failure: (any Error)?

  /// - Parameter each: How often a frame is judged before the next one is.
  init(_ datapath: Datapath, _ frames: [[UInt8]], each: Int32 = 1000) throws {
    let program = try datapath.program()
    let box = Box(program)
    Thread { [self] in
      defer { done.signal() }
      do {
        var turns = 0
        while !lock.withLock({ isStopped }) {
          let frame = frames[turns % frames.count]
          _ = try box.program.testRun(frame, repeat: each, returningPacket: false)
          turns += 1
          lock.withLock { judgedSoFar += UInt64(each) }
        }
      } catch {
        failure = error
      }
    }.start()
  }

  /// How many there were.
  var judged: UInt64 { lock.withLock { judgedSoFar } }

  func stop() throws -> UInt64 {
    lock.withLock { isStopped = true }
    done.wait()
    if let failure { throw failure }
    return judged
  }

  private final class Box: @unchecked Sendable {
    let program: BPFProgram
    init(_ program: consuming BPFProgram) { self.program = program }
  }
}
