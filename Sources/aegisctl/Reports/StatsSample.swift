import Aegis

/// The counters at one moment.
struct StatsSample {
  struct Part {
    let name: String
    let state: String
    let counts: Counts
    /// By the number of the CPU; empty for what no slot names.
    var perCPU: [Counts] = []
  }

  let parts: [Part]
  let takenAt = ContinuousClock.now

  /// `withOthers`: also what no slot names, if there was anything.
  init(
    _ datapath: Datapath, _ attachments: [Attachment], withOthers: Bool
  ) throws(AegisError) {
    var parts = try attachments.map { attachment throws(AegisError) in
      Part(
        name: attachment.name, state: attachment.isAttached ? attachment.mode.rawValue : "detached",
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

  /// All together.
  var total: Counts { parts.reduce(into: Counts()) { $0 += $1.counts } }
}
