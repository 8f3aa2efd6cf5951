import Foundation
import Synchronization
import TestSupport

@testable import TestModel

/// The same frames again and again, until it is told to stop.
final class PairFlow: Sendable {
  private let isOver = Mutex(false)
  private let sent = Mutex(0)
  private let ended = DispatchSemaphore(value: 0)

  init(_ frames: [Frame], over pair: VethPair) {
    Thread { [self] in
      while !isOver.withLock({ $0 }) {
        guard (try? pair.send(frames)) != nil else { continue }
        sent.withLock { $0 += frames.count }
        usleep(200)
      }
      ended.signal()
    }.start()
  }

  /// Returns how many it sent.
  func stop() -> Int {
    isOver.withLock { $0 = true }
    ended.wait()
    ended.signal()
    return sent.withLock { $0 }
  }
}
