import Aegis
import CAegis

/// Counters of all CPUs.
struct Totals {
  private var counts = [aegis_counter](
    repeating: aegis_counter(), count: Int(AEGIS_REASON_ROOM))
  private var wouldDrops = [UInt64](repeating: 0, count: Int(AEGIS_REASON_ROOM))
  private(set) var shared: UInt64 = 0
  private(set) var contended: UInt64 = 0

  init(_ values: [aegis_counters]) {
    for value in values {
      withUnsafeBytes(of: value.reason) { bytes in
        for (index, counter) in bytes.bindMemory(to: aegis_counter.self).enumerated() {
          counts[index].packets += counter.packets
          counts[index].bytes += counter.bytes
        }
      }
      withUnsafeBytes(of: value.would_drop) { bytes in
        for (index, counter) in bytes.bindMemory(to: aegis_counter.self).enumerated() {
          wouldDrops[index] += counter.packets
        }
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
