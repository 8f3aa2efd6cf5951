internal import CAegis

/// A fingerprint of the shapes in aegis.h, so that a tool built from another header notices.
enum Layout {
  static let hash: UInt64 = {
    let sizes = [
      MemoryLayout<aegis_config>.size, MemoryLayout<aegis_counters>.size,
      MemoryLayout<aegis_interface>.size, MemoryLayout<aegis_entry>.size,
      MemoryLayout<aegis_key_prefix>.size, MemoryLayout<aegis_rates>.size,
      MemoryLayout<aegis_offender>.size, MemoryLayout<aegis_offender_key>.size,
      MemoryLayout<aegis_line>.size, MemoryLayout<aegis_note>.size, MemoryLayout<aegis_meta>.size,
      MemoryLayout<aegis_survey>.size, MemoryLayout<aegis_survey_key>.size,
      MemoryLayout<aegis_event>.size, MemoryLayout<aegis_event_filter>.size,
      MemoryLayout<aegis_event_state>.size, MemoryLayout<aegis_latency>.size,
      Int(AEGIS_SLOTS), Int(AEGIS_WAYS), Int(AEGIS_FINE_SHIFT), Int(AEGIS_ABI_VERSION),
    ]
    let names = Reason.allCases.flatMap { Array($0.name.utf8) }
    return fnv1a(sizes.map(UInt64.init) + names.map(UInt64.init))
  }()

  /// The hash function FNV-1a, over words.
  static func fnv1a(_ words: some Sequence<UInt64>) -> UInt64 {
    words.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ $1) &* 0x100_0000_01b3 }
  }
}
