internal import BPF
internal import CAegis
internal import Linux

/// A measurement in which the program of live links times itself, from `begin` until `end`.
///
/// The session is needed only by these two: others may change the datapath meanwhile. A later call undoes the
/// measurement if this process is gone.
public struct LatencyMeasurement: ~Copyable {
  private let root: PinRoot
  private let build: TimedBuild
  private let links: [MeasuredLink]
  /// Held for the duration of the measurement.
  private let mark: FileDescriptor
  /// ns of CLOCK_MONOTONIC: when it began, and when the program stops by itself.
  private let start: UInt64
  private let deadline: UInt64
  /// Counters before the first link was moved, and after the last.
  private let before: Tally
  private let since: Tally
  /// Whether an operator's program is measured with it.
  private let isHooked: Bool

  /// How much later than requested the program stops if nobody restores the other one, in ns. Moving a link may take
  /// long on a busy host, and the requested time starts only once all are moved.
  private static func grace(_ links: Int) -> UInt64 { 1_000_000_000 + 200_000_000 * UInt64(links) }

  /// Puts the timed program into the links of these interfaces, or of all.
  ///
  /// - Throws: `notLoaded` if one is not attached, `timedOut` if another measurement is running, `otherLayout` if the
  ///   loaded datapath was built from other sources. In these cases nothing is changed.
  public static func begin(
    on names: [String], for duration: Duration, in session: borrowing Session
  ) throws(AegisError) -> LatencyMeasurement {
    let datapath = try session.datapath()
    let measuring = Measuring(session.root)
    guard try !measuring.exists else { throw isMeasuring(session.root) }
    guard datapath.isOfThisBuild else { throw isOfOtherBuild(session.root) }
    let program = try datapath.program()
    let chosen = try attachments(names, of: datapath, running: program)
    let build = try TimedBuild(of: datapath)
    let deadline =
      Clock.monotonic() + UInt64(duration / .nanoseconds(1)) + grace(chosen.count)
    let mark = try kernel { () throws(SystemError) in
      try measuring.begin(build, inPlaceOf: program, until: deadline)
    }
    do {
      let isHooked = try HookUpkeep(datapath).isSet()
      if isHooked { try build.putExits(in: session.root) }
      let before = try Tally(datapath, chosen)
      var links: [MeasuredLink] = []
      for attachment in chosen {
        links.append(try MeasuredLink(attachment, of: session.root, program, to: build))
      }
      // From here on only measured packets are counted.
      try kernel { () throws(SystemError) in try GracePeriod.wait() }
      return try LatencyMeasurement(
        root: session.root, build: build, links: links, mark: mark, start: Clock.monotonic(),
        deadline: deadline, before: before, since: Tally(datapath, chosen), isHooked: isHooked)
    } catch {
      try? measuring.clear(by: datapath)
      throw error
    }
  }

  /// Whether a link still runs the timed program. If not, another process ended it, or the interfaces are gone.
  public var isGoingOn: Bool { links.contains { $0.ending(of: build, at: root) == .completed } }

  /// Restores the program in force, and waits until the timed one no longer runs anywhere, so that its results are
  /// complete.
  ///
  /// - Throws: `timedOut` if others were changing the datapath all the time; the next call that changes something then
  ///   restores the program.
  public consuming func end(within timeout: Duration) throws(AegisError) -> LatencyResult {
    let asked = Clock.monotonic()
    let session = try session(within: timeout)
    let datapath = try datapath()
    let (attachments, since) = (links.map(\.attachment), since)
    let least = try datapath.map { datapath throws(AegisError) in
      try Tally(datapath, attachments) - since
    }
    let stop = Clock.monotonic()
    var endings = links.map { $0.ending(of: build, at: root) }
    if let datapath { try Interfaces(datapath).moveBack(from: build.program) }
    if stop >= deadline { endings = endings.map { $0 == .completed ? .deadline : $0 } }
    try kernel { () throws(SystemError) in
      try GracePeriod.wait()
    }
    if let datapath { try HookUpkeep(datapath).finishReplacement() }
    try kernel { () throws(SystemError) in
      if FileSystem.isSame(mark, root.measuring) { try FileSystem.removeTree(root.measuring) }
    }

    let histograms = try build.histograms()
    let hook = isHooked ? try build.histogramOfHook() : nil
    var counted: [Verdict: ClosedRange<UInt64>]?
    if let datapath {
      try datapath.add(histograms)
      if let least, endings.allSatisfy(\.isWhole) {
        counted = try Tally.bounds(least: least, most: Tally(datapath, attachments) - before)
      }
    }
    _ = consume session
    // An end by another process was noticed when this one was requested.
    let seen = endings.contains(.completed) ? stop : min(asked, deadline)
    return LatencyResult(
      interfaces: zip(links, endings).map { $0.result($1) },
      seconds: Double(max(seen, start) - start) / 1e9, histograms: histograms, hook: hook,
      clock: build.clock,
      counted: counted)
  }

  /// nil if everything was unloaded.
  private func session(within timeout: Duration) throws(AegisError) -> Session? {
    do {
      return try Session(at: root, timeout: timeout)
    } catch {
      guard error.kind == .notLoaded else { throw error }
      return nil
    }
  }

  /// nil if there is nothing left that this version must restore.
  private func datapath() throws(AegisError) -> Datapath? {
    do {
      return try Datapath(toChangeAt: root)
    } catch {
      guard error.kind == .notLoaded || error.kind == .otherLayout else { throw error }
      return nil
    }
  }
}

extension LatencyMeasurement {
  private static func attachments(
    _ names: [String], of datapath: Datapath, running program: borrowing BPFProgram
  ) throws(AegisError) -> [Attachment] {
    let all = try Interfaces(datapath).attachments().filter(\.isAttached)
    // Only the program of XDP has a build that times itself.
    let attached = all.filter { $0.mode != .tc }
    if let other = all.first(where: { isOnlyMeant($0, names, attached) }) {
      throw AegisError(
        .failed, "\(other.label) is attached in tc mode, which is not measured",
        hint: "aegisctl latency measures what comes in, in native and generic mode")
    }
    let unknown = names.first { name in !attached.contains { $0.name == name } }
    if let unknown { throw .notAttached(unknown) }
    let chosen = names.isEmpty ? attached : attached.filter { names.contains($0.name) }
    if chosen.isEmpty {
      throw AegisError(.notLoaded, "nothing is attached", hint: "aegisctl attach INTERFACE")
    }
    let id = try kernel { () throws(SystemError) in try program.info().id }
    for attachment in chosen {
      if attachment.mode == .offload {
        throw AegisError(
          .failed,
          "\(attachment.name) is attached in offload mode, where the card has no clock to measure with",
          hint: "detach it, attach it with --mode native, and measure again")
      }
      if attachment.program != id {
        throw AegisError(
          .failed, "\(attachment.name) does not run the current program", hint: "aegisctl repair")
      }
    }
    return chosen
  }

  /// Whether it is asked for, by name or as the only one there is, and XDP does not have its interface.
  private static func isOnlyMeant(
    _ attachment: Attachment, _ names: [String], _ measured: [Attachment]
  ) -> Bool {
    names.isEmpty
      ? measured.isEmpty
      : names.contains(attachment.name) && !measured.contains { $0.name == attachment.name }
  }

  private static func isMeasuring(_ root: PinRoot) -> AegisError {
    AegisError(
      .timedOut, "another aegisctl is measuring the latency of \(root)",
      hint: "wait until it is done, or interrupt it")
  }

  private static func isOfOtherBuild(_ root: PinRoot) -> AegisError {
    AegisError(
      .otherLayout,
      "what is loaded at \(root) is of another build than this aegisctl, and could decide differently",
      hint: "upgrade it: aegisctl load --replace")
  }
}
