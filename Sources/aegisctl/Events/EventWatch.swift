import Aegis
import Glibc

/// Reads events and prints them until a limit or a signal.
final class EventWatch {
  struct Settings {
    let root: PinRoot
    let timeout: Duration
    let filter: EventFilter
    /// nil is no limit.
    let duration: Duration?
    let count: Int?
    /// A file for the packets, or `-`.
    let capture: String?
    /// The interfaces that packets may come from.
    let interfaces: [String]
    let isQuiet: Bool
  }

  private let settings: Settings
  /// nil prints nothing.
  private var printer: EventPrinter?
  private var capture: PcapngWriter?
  private let signals: Signals
  private let start = ContinuousClock.now
  private var shown = 0
  /// The signal that ended it, and the number of such signals: a second one does not wait for the output.
  private var ending: CInt?
  private var signalsTaken = 0

  /// The number of events to print before renewing the request to the datapath to continue.
  private static let chunk = 256
  /// How long the output may take for the remaining events at the end.
  private static let lastPatience = Duration.seconds(1)

  private init(
    _ settings: Settings, _ printer: EventPrinter?, _ capture: consuming PcapngWriter?
  ) {
    self.settings = settings
    self.printer = printer
    self.capture = capture
    signals = Signals()
  }

  static func run(_ settings: Settings, printing printer: EventPrinter?) throws {
    var reader = try EventReader(
      settings.filter, at: settings.root, timeout: settings.timeout)
    // The reader of the output may leave: the datapath must be told first.
    signal(SIGPIPE, SIG_IGN)
    let capture: PcapngWriter?
    do {
      // Opened only now, so that the file of another running reader is not emptied. And before signals are held back:
      // the other end of a FIFO may never be opened.
      capture = try beginCapture(settings)
    } catch {
      _ = try? reader.end()
      throw error
    }
    if settings.interfaces.isEmpty, !settings.isQuiet {
      let what = settings.filter.direction == .out ? " for what leaves" : ""
      Notice.give("no interface is attached\(what): no events will appear until you attach one")
    }
    let watch = EventWatch(settings, printer, capture)
    let failure = watch.loop(&reader)
    let missed = reader.missed
    let (rest, tally) = try reader.end()
    let duration = watch.start.duration(to: .now)
    let summary = { events in
      EventSummary(
        events: events, tally: tally, duration: duration, missed: missed, filter: settings.filter)
    }
    do {
      try watch.finish(rest, summary, after: failure)
    } catch let error as OutputError where error.errno == EPIPE {
      DescriptorWriter.dieOfSIGPIPE()
    }
  }

  private static func beginCapture(_ settings: Settings) throws(AegisError) -> PcapngWriter? {
    guard let path = settings.capture else { return nil }
    return try PcapngWriter(
      path, interfaces: settings.interfaces, snapLength: UInt32(Event.mostBytes))
  }

  private func loop(_ reader: inout EventReader) -> (any Error)? {
    do {
      try print(printer?.header ?? "") { _ in true }
      while ending == nil, !isEnough {
        if let signal = signals.next(until: nextLook) {
          take(signal)
          continue
        }
        if isPrinting, EventOutput.isAbandoned { throw OutputError(errno: EPIPE) }
        let events = try reader.look()
        for start in stride(from: 0, to: events.count, by: Self.chunk) {
          // A signal that came while an earlier chunk was written ends the patience with those after it.
          try show(events[start...].prefix(Self.chunk)) { isStuck in
            reader.renew()
            return !isStuck || ending == nil
          }
          reader.renew()
        }
      }
      return nil
    } catch {
      return error
    }
  }

  private var end: ContinuousClock.Instant? { settings.duration.map { start + $0 } }

  private var nextLook: ContinuousClock.Instant {
    let next = ContinuousClock.now + EventReader.pause(rate: settings.filter.rate)
    return end.map { min($0, next) } ?? next
  }

  private var isPrinting: Bool { printer != nil || settings.capture == "-" }

  private var isEnough: Bool { shown == settings.count || end.map { .now >= $0 } ?? false }

  private func take(_ signal: CInt) {
    switch signal {
    case SIGWINCH: break
    case SIGTSTP: signals.stop()
    default:
      ending = signal
      signalsTaken += 1
    }
  }

  /// - Parameter wait: As for `EventOutput`.
  private func show(_ events: ArraySlice<Event>, wait: (_ isStuck: Bool) -> Bool) throws {
    let events = events.prefix((settings.count ?? .max) - shown)
    shown += events.count
    for event in events { try capture?.write(PcapngPacket(event)) }
    let before = signalsTaken
    let isWhole = try capture?.flush { isPatient($0, since: before) && wait($0) }
    if isWhole == false { capture = nil }
    if let text = try printer?.text(Array(events)) { try print(text, wait: wait) }
  }

  private func print(_ text: String, wait: (_ isStuck: Bool) -> Bool) throws {
    let before = signalsTaken
    let isWhole = try EventOutput.write(text) { isPatient($0, since: before) && wait($0) }
    if !isWhole { printer = nil }
  }

  /// Whether to continue the current write. A signal does not cut a line or packet, unless the reader takes nothing
  /// or there is another signal.
  ///
  /// - Parameter before: The number of signals taken before the write began.
  private func isPatient(_ isStuck: Bool, since before: Int) -> Bool {
    while let signal = signals.next(until: .now) { take(signal) }
    return signalsTaken - before < (isStuck ? 1 : 2)
  }

  private func finish(
    _ rest: [Event], _ summary: (Int) -> EventSummary, after failure: (any Error)?
  ) throws {
    if let failure = failure as? OutputError { throw failure }
    let soon = ContinuousClock.now + Self.lastPatience
    try show(rest[...]) { !$0 || .now < soon }
    let summary = summary(shown)
    if let footer = try printer?.footer(summary) { try print(footer) { !$0 || .now < soon } }
    if let text = settings.isQuiet ? summary.warning : summary.text {
      StandardError.write(text + "\n")
    }
    if let failure { throw failure }
    if let ending, ending != SIGINT { signals.die(of: ending) }
  }
}
