internal import BPF
internal import CAegis
internal import Linux

/// A link that runs the timed program.
struct MeasuredLink {
  let attachment: Attachment
  /// The number of the program that it ran before.
  private let program: UInt32

  /// Replaces the program of the link atomically.
  init(
    _ attachment: Attachment, of root: PinRoot, _ program: borrowing BPFProgram,
    to build: borrowing TimedBuild
  ) throws(AegisError) {
    do {
      try BPFLink(pinnedAt: root.link(attachment.pin))
        .update(to: build.program, replacing: program)
      self.program = try program.info().id
      self.attachment = attachment
    } catch {
      throw AegisError(error)
    }
  }

  /// `completed` as long as it runs the timed program.
  func ending(of build: borrowing TimedBuild, at root: PinRoot) -> LatencyResult.Ending {
    guard let link = try? BPFLink(pinnedAt: root.link(attachment.pin)).info(),
      link.id == attachment.link, link.ifindex != 0
    else {
      let isGone = !attachment.isElsewhere && Interface.name(of: attachment.ifindex) == nil
      return isGone ? .gone : .detached
    }
    if link.programID == build.id { return .completed }
    return link.programID == program ? .returned : .replaced
  }

  /// Explains any ending other than a complete measurement.
  func result(_ ending: LatencyResult.Ending) -> LatencyResult.Interface {
    let name = attachment.name
    let what: String? =
      switch ending {
      case .completed: nil
      case .deadline: "\(name) was measured until the measuring program reached its time limit"
      case .gone: "\(name) disappeared: it was measured until then"
      case .detached: "\(name) was detached: it was measured until then"
      case .replaced: "the program of \(name) was replaced: it was measured until then"
      case .returned:
        "another aegisctl restored the program of \(name): it was measured until then"
      }
    if let what { Notice.give(what) }
    return LatencyResult.Interface(name: name, mode: attachment.mode, ending: ending)
  }
}

/// Packets that interfaces have counted, by verdict.
struct Tally {
  private var packets: [Verdict: UInt64] = [:]

  init(_ datapath: Datapath, _ attachments: [Attachment]) throws(AegisError) {
    for attachment in attachments {
      let counts = try datapath.counts(of: attachment)
      for verdict in Verdict.allCases {
        packets[verdict, default: 0] += counts.total(verdict).packets
      }
    }
  }

  private init(_ packets: [Verdict: UInt64]) {
    self.packets = packets
  }

  static func - (left: Tally, right: Tally) -> Tally {
    Tally(left.packets.merging(right.packets) { $0 - min($0, $1) })
  }

  static func bounds(least: Tally, most: Tally) -> [Verdict: ClosedRange<UInt64>] {
    Verdict.allCases.reduce(into: [:]) { bounds, verdict in
      let low = least.packets[verdict] ?? 0
      bounds[verdict] = low...max(low, most.packets[verdict] ?? 0)
    }
  }
}
