import CAegis

@testable import Aegis

extension Counts {
  /// Packets by the names of their reasons, of 100 bytes each.
  static func of(_ packets: [(String, UInt64)]) -> Counts {
    var counters = aegis_counters()
    withUnsafeMutableBytes(of: &counters.reason) { bytes in
      let reasons = bytes.bindMemory(to: aegis_counter.self)
      for (name, count) in packets {
        guard let reason = Reason.allCases.first(where: { $0.name == name }) else { continue }
        reasons[Int(reason.rawValue)] = aegis_counter(packets: count, bytes: count * 100)
      }
    }
    return Counts([counters])
  }
}
