internal import BPF
internal import CAegis
internal import Glibc
internal import Linux

/// The mark of a measurement below a root, by which any later call can tell whether it still goes on, and undo it:
///
/// ```
/// ROOT/measuring               locked by the process that measures, for as long as it lives
/// ROOT/measuring/aegis_timed   the program that links run meanwhile
/// ROOT/measuring/aegis         the one that they ran before
/// ROOT/measuring/until -> 123  when the program stops measuring, in ns of CLOCK_MONOTONIC
/// ```
struct Measuring {
  let root: PinRoot

  init(_ root: PinRoot) {
    self.root = root
  }

  private var timed: String { root.measuring + "/" + TimedBuild.name }
  private var until: String { root.measuring + "/until" }

  /// Puts the mark, before any link is touched; the caller holds the session.
  ///
  /// - Returns: The lock that says that the measurement goes on.
  func begin(
    _ build: borrowing TimedBuild, inPlaceOf program: borrowing BPFProgram, until deadline: UInt64
  ) throws(SystemError) -> FileDescriptor {
    try FileSystem.makeDirectory(root.measuring)
    do {
      // Somebody may be looking whether it is locked.
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

  /// Whether there is a mark, of a measurement that goes on or of one that was left.
  var exists: Bool {
    get throws(AegisError) { try root.has(root.measuring) }
  }

  /// Whether whoever measured is gone, or the program has stopped measuring by itself.
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

  /// The number of the program that links run meanwhile; nil without a mark.
  var program: UInt32? { try? BPFProgram(pinnedAt: timed).info().id }

  /// Gives the links of a measurement that is over the program in force again, and removes the mark.
  func clear(by datapath: Datapath) throws(AegisError) {
    if try root.has(timed) {
      let program = try kernel { () throws(SystemError) in try BPFProgram(pinnedAt: timed) }
      try Interfaces(datapath).moveBack(from: program)
    }
    try remove()
  }

  func remove() throws(AegisError) {
    try kernel { () throws(SystemError) in try FileSystem.removeTree(root.measuring) }
  }
}

extension Interfaces {
  /// Gives links that run a timed program the one in force, and touches no other.
  func moveBack(from timed: borrowing BPFProgram) throws(AegisError) {
    let id = try kernel { () throws(SystemError) in try timed.info().id }
    for attachment in try attachments() where attachment.program == id {
      let program = try datapath.program()
      let pin = datapath.root.link(attachment.pin)
      try kernel { () throws(SystemError) in
        let link = try XDPLink(pinnedAt: pin)
        do throws(SystemError) {
          try link.update(to: program, replacing: timed)
        } catch {
          // Gone, or no longer ours to move.
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
    /// By a measurement that was interrupted, until something is changed.
    case left
  }

  public func measurement() throws(AegisError) -> Measurement? {
    let measuring = Measuring(root)
    guard try measuring.exists else { return nil }
    return try measuring.isOver ? .left : .goesOn
  }
}
