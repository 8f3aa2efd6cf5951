import Aegis
import CAegis

/// Counters of all CPUs.
struct Totals {
  private var counts = [aegis_counter](
    repeating: aegis_counter(), count: Int(AEGIS_REASON_ROOM))
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
      shared += value.shared
      contended += value.contended
    }
  }

  subscript(reason: Reason) -> aegis_counter { counts[Int(reason.rawValue)] }
}
