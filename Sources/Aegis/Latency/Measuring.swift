internal import BPF
internal import CAegis
internal import Glibc
internal import Linux

/// The mark of a measurement below a root. It allows any later call to see whether the measurement is running, and to
/// undo it:
///
/// ```
/// ROOT/measuring               locked by the measuring process, for as long as it lives
/// ROOT/measuring/aegis_timed   the program that links run during the measurement
/// ROOT/measuring/aegis         the program that they ran before
/// ROOT/measuring/until -> 123  when the program stops measuring, in ns of CLOCK_MONOTONIC
/// ```
struct Measuring {
  let root: PinRoot

  init(_ root: PinRoot) {
    self.root = root
  }

  private var timed: String { root.measuring + "/" + TimedBuild.name }
  private var until: String { root.measuring + "/until" }

  /// Creates the mark, before any link is changed; the caller holds the session.
  ///
  /// - Returns: The lock that shows that the measurement is running.
  func begin(
    _ build: borrowing TimedBuild, inPlaceOf program: borrowing BPFProgram, until deadline: UInt64
  ) throws(SystemError) -> FileDescriptor {
    try FileSystem.makeDirectory(root.measuring)
    do {
      // Another process may be testing the lock.
      let lock = try FileSystem.lock(root.measuring, timeout: .seconds(1))
      try FileSystem.symlink(to: "\(deadline)", at: until)
      try build.measure(until: deadline)
      try program.pin(at: root.measuringProgram)
      try build.program.pin(at: timed)
      return lock
    } catch {
      _ = try? FileSystem.removeTree(root.measuring)
      throw error
    }
  }

  /// Whether there is a mark, of a measurement that is running or that was left.
  var exists: Bool {
    get throws(AegisError) { try root.has(root.measuring) }
  }

  /// Whether the measuring process is gone, or the program has stopped measuring by itself.
  var isOver: Bool {
    get throws(AegisError) {
      try kernel { () throws(SystemError) in
        let deadline = try FileSystem.readlink(until).flatMap { UInt64($0) }
        if let deadline, Clock.monotonic() > deadline { return true }
        do throws(SystemError) {
          _ = try FileSystem.lock(root.measuring, timeout: .zero)
          return true
        } catch {
          if error.isAbsence { return true }
          guard error.errno == EWOULDBLOCK else { throw error }
          return false
        }
      }
    }
  }

  /// The number of the program that links run during the measurement; nil without a mark.
  var program: UInt32? { try? BPFProgram(pinnedAt: timed).info().id }

  /// Restores the program in force in the links of a measurement that is over, and removes the mark.
  func clear(by datapath: Datapath) throws(AegisError) {
    if try root.has(timed) {
      let program = try kernel { () throws(SystemError) in try BPFProgram(pinnedAt: timed) }
      try Interfaces(datapath).moveBack(from: program)
      try HookUpkeep(datapath).finishReplacement()
    }
    try remove()
  }

  func remove() throws(AegisError) {
    try kernel { () throws(SystemError) in try FileSystem.removeTree(root.measuring) }
  }
}

extension Interfaces {
  /// Restores the program in force in links that run a timed program, and changes no other link.
  func moveBack(from timed: borrowing BPFProgram) throws(AegisError) {
    let id = try kernel { () throws(SystemError) in try timed.info().id }
    for attachment in try attachments() where attachment.program == id {
      let program = try datapath.program()
      let pin = datapath.root.link(attachment.pin)
      try kernel { () throws(SystemError) in
        let link = try BPFLink(pinnedAt: pin)
        do throws(SystemError) {
          try link.update(to: program, replacing: timed)
        } catch {
          // The link is gone, or is no longer ours to change.
          let info = try link.info()
          if info.ifindex != 0, info.programID == id { throw error }
        }
      }
    }
  }
}

extension Datapath {
  /// Whether links run the program that measures latency.
  public enum Measurement: String, Sendable {
    case goesOn = "going on"
    /// A measurement that was interrupted left it running, until something is changed.
    case left
  }

  public func measurement() throws(AegisError) -> Measurement? {
    let measuring = Measuring(root)
    guard try measuring.exists else { return nil }
    return try measuring.isOver ? .left : .goesOn
  }
}
