import Aegis

/// The counters at one moment.
struct StatsSample {
  struct Part {
    let name: String
    /// nil for packets of interfaces without a slot.
    var direction: Direction?
    let state: String
    let counts: Counts
    /// By CPU number; empty for packets of interfaces without a slot.
    var perCPU: [Counts] = []
  }

  let parts: [Part]
  let takenAt = ContinuousClock.now

  /// `withOthers`: whether to include packets of interfaces without a slot, if there were any.
  init(
    _ datapath: Datapath, _ attachments: [Attachment], withOthers: Bool
  ) throws(AegisError) {
    var parts = try attachments.map { attachment throws(AegisError) in
      Part(
        name: attachment.name, direction: attachment.direction,
        state: attachment.isAttached ? attachment.mode.rawValue : "detached",
        counts: try datapath.counts(of: attachment),
        perCPU: try datapath.countsPerCPU(of: attachment))
    }
    if withOthers {
      let others = try datapath.otherCounts()
      if others.total(.pass).packets + others.total(.drop).packets > 0 {
        parts.append(Part(name: "(other)", state: "unknown", counts: others))
      }
    }
    self.parts = parts
  }

  /// The sum of all parts.
  var total: Counts { parts.reduce(into: Counts()) { $0 += $1.counts } }
}
