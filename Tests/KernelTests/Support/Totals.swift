import Aegis
import CAegis

/// Counters of all CPUs.
struct Totals {
  private static let reasons = 0..<Reason.allCases.count

  private var counts = reasons.map { _ in aegis_counter() }
  private var wouldDrops = reasons.map { _ in UInt64(0) }
  private(set) var shared: UInt64 = 0
  private(set) var contended: UInt64 = 0

  init(_ values: [aegis_counters]) {
    for value in values {
      withUnsafeBytes(of: value.reason) { bytes in
        let counters = bytes.bindMemory(to: aegis_counter.self)
        for reason in Self.reasons {
          counts[reason].packets += counters[reason].packets
          counts[reason].bytes += counters[reason].bytes
        }
      }
      withUnsafeBytes(of: value.would_drop) { bytes in
        let counters = bytes.bindMemory(to: aegis_counter.self)
        for reason in Self.reasons { wouldDrops[reason] += counters[reason].packets }
      }
      shared += value.shared
      contended += value.contended
    }
  }

  /// Packets that would have been dropped for it.
  func wouldDrop(_ reason: Reason) -> UInt64 {
    wouldDrops[Int(reason.rawValue)]
  }

  subscript(reason: Reason) -> aegis_counter { counts[Int(reason.rawValue)] }
}
