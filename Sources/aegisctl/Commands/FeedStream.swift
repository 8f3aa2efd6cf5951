import Aegis
import Glibc
import Linux

/// Changes a list by the lines of standard input, or of a pipe, for as long as there are any.
///
/// What is read is applied before more is read: who writes too fast waits, and memory stays small.
struct FeedStream {
  private enum Edit {
    case put(EntryEdit)
    case remove

    /// nil removes the entry.
    var put: EntryEdit? { if case .put(let edit) = self { edit } else { nil } }
  }

  private let feed: Feed
  private let descriptor: CInt
  private let signals: Signals
  /// The last change of each address, by the order of lines.
  private var changes: [Prefix: Edit] = [:]
  private var order: [Prefix] = []
  /// A line of which the end is still to come.
  private var rest: [UInt8] = []
  private var isTooLong = false
  private var line = 0
  /// The entries of the list, as far as this process knows.
  private var count = 0
  /// What was said of lines that were skipped, and what was not, until a new time begins.
  private var (said, unsaid) = (0, 0)
  private var silentUntil = ContinuousClock.now

  /// How long lines are collected before they are applied.
  private static let pause = Duration.milliseconds(10)
  /// More changes do not become faster together.
  private static let mostChanges = 4096
  private static let longestLine = 4096

  private init(_ feed: Feed, _ descriptor: CInt) {
    self.feed = feed
    self.descriptor = descriptor
    signals = Signals()
  }

  /// - Parameter path: `-` is standard input.
  static func run(_ feed: Feed, from path: String) throws {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw AegisError(.badInput, "cannot read \(path): \(String(cString: strerror(errno)))")
    }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    var stream = FeedStream(feed, descriptor)
    try stream.begin()
    try stream.loop()
  }

  /// Makes the list. One that expires as a whole would take the entries with it.
  private mutating func begin() throws {
    let session = try feed.style.session(at: feed.root)
    let datapath = try session.datapath()
    let change = try feed.change(in: datapath)
    if change.after.expires != nil {
      throw AegisError(
        .badInput, "list \(feed.list) expires as a whole: a feed without --stream fills it",
        hint: "use another list, or keep what it has: aegisctl set-list \(feed.list) --ttl never")
    }
    try feed.lockOut.run(change.plan(adding: [], removing: []), on: datapath, in: session)
    count = try entries(in: datapath)
  }

  private func entries(in datapath: Datapath) throws -> Int {
    let direction = try feed.change(in: datapath).after.directions.all[0]
    return try DropList(datapath[direction]).countsByList()[feed.list] ?? 0
  }

  private mutating func loop() throws {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var end: ContinuousClock.Instant?
    while true {
      if let signal = signals.next(until: .now) {
        try apply()
        if signal != SIGWINCH { return }
      }
      let wait = end.map { max(.zero, ContinuousClock.now.duration(to: $0)) } ?? .milliseconds(200)
      var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let milliseconds = Int32(clamping: Int(wait / .milliseconds(1)) + (wait > .zero ? 1 : 0))
      let ready = poll(&poller, 1, milliseconds)
      if ready > 0 {
        guard let bytes = try Descriptors.read(descriptor, into: &buffer) else {
          takeLine()
          return try apply()
        }
        take(bytes)
        if end == nil, !changes.isEmpty { end = .now + Self.pause }
      }
      let isDue = end.map { ContinuousClock.now >= $0 } ?? false
      if isDue || changes.count >= Self.mostChanges {
        try apply()
        end = nil
      }
    }
  }

  private mutating func take(_ bytes: ArraySlice<UInt8>) {
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        takeLine()
      } else if rest.count < Self.longestLine {
        rest.append(byte)
      } else {
        isTooLong = true
      }
    }
  }

  /// Takes the line that was read.
  private mutating func takeLine() {
    defer {
      rest.removeAll(keepingCapacity: true)
      isTooLong = false
    }
    if rest.isEmpty { return }
    line += 1
    do {
      if isTooLong {
        throw InputError(
          input: String(decoding: rest.prefix(100), as: UTF8.self),
          problem: "is a line of more than \(Self.longestLine) bytes")
      }
      switch try FeedLine(rest, feed.options) {
      case .add(let prefixes, let terms):
        let edit = feed.edit(terms)
        for prefix in prefixes { take(prefix, .put(edit)) }
      case .remove(let prefixes): for prefix in prefixes { take(prefix, .remove) }
      case .nothing: break
      }
    } catch {
      refuse("line \(line): \(error)")
    }
  }

  private mutating func take(_ prefix: Prefix, _ edit: Edit) {
    if changes.updateValue(edit, forKey: prefix) == nil { order.append(prefix) }
  }

  /// Says what was skipped, but not for every line of a writer that gets nothing right.
  private mutating func refuse(_ text: String) {
    if ContinuousClock.now >= silentUntil {
      if unsaid > 0 { StandardError.write("aegisctl: skipped \(unsaid) more lines\n") }
      (said, unsaid) = (0, 0)
      silentUntil = .now + Self.patience
    }
    said += 1
    if said > Self.mostSaid {
      unsaid += 1
    } else {
      StandardError.write("aegisctl: \(text)\n")
    }
  }

  /// How much is said in which time.
  private static let (mostSaid, patience) = (20, Duration.seconds(10))

  /// Applies what was read, all at once. If entries would break a bound, only the removals are made.
  private mutating func apply() throws {
    if changes.isEmpty { return }
    defer {
      changes.removeAll(keepingCapacity: true)
      order.removeAll(keepingCapacity: true)
    }
    let session = try feed.style.session(at: feed.root)
    let datapath = try session.datapath()
    let change = try feed.change(in: datapath)
    try leaveOutGuarded(by: change, datapath)
    do {
      try make(order.map { ($0, changes[$0]?.put) }, by: change, datapath, in: session)
    } catch let error as AegisError where Failures.isOfInput(error) {
      refuse("nothing was added: \(error.message)")
      try ListTable(datapath).countFeed(of: feed.list, applied: false)
      let gone = order.filter { changes[$0]?.put == nil }
      try make(gone.map { ($0, nil) }, by: change, datapath, in: session)
    }
  }

  private mutating func leaveOutGuarded(by change: ListChange, _ datapath: Datapath) throws {
    if feed.lockOut.isForced || change.after.action != .drop { return }
    if changes.values.allSatisfy({ $0.put == nil }) { return }
    let places = try feed.lockOut.places(of: datapath)
    for prefix in order where changes[prefix]?.put != nil {
      guard let name = places.named(by: prefix) else { continue }
      refuse("skipped \(prefix): it would cut off \(name)")
      changes[prefix] = nil
    }
    order.removeAll { changes.index(forKey: $0) == nil }
  }

  private mutating func make(
    _ edits: [(element: Prefix, edit: EntryEdit?)], by change: ListChange, _ datapath: Datapath,
    in session: borrowing Session
  ) throws {
    if edits.isEmpty { return }
    func plan(_ change: ListChange) throws(AegisError) -> ListPlan<Prefix> {
      try change.plan { side throws(AegisError) in try side.plan(making: edits) }
    }
    let made = try plan(change)
    let counts = made.counts
    let more = (counts[.added] ?? 0) - (counts[.removed] ?? 0)
    if more > 0, count + more > feed.most {
      count = try entries(in: datapath)
      try feed.checkCount(count + more)
    }
    if counts[.added] != nil {
      let beyond = try feed.cut(by: change, on: datapath, plan).beyond
      if !beyond.isEmpty {
        let kept = edits.filter { one in
          one.edit == nil || !beyond.contains(where: one.element.contains)
        }
        refuse("skipped what would cut off \(beyond.map { "\($0)" }.joined(separator: ", "))")
        try ListTable(datapath).countFeed(of: feed.list, applied: false)
        return try make(kept, by: change, datapath, in: session)
      }
    }
    try feed.lockOut.run(made.plan, on: datapath, in: session)
    if session.isDryRun { return }
    count += more
    try ListTable(datapath).countFeed(of: feed.list, applied: true)
  }
}
