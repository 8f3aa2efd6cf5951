import Aegis

/// What fills a list, and within which bounds.
struct Feed {
  let list: ListName
  var options: ListOptions
  /// How long the list lasts, or in a stream an entry without a TTL of its own.
  let lifetime: Lifetime
  /// The most entries.
  let most: Int
  /// The most peers that it may newly cut off, in percent of those with a connection now; nil is no bound.
  let mostCut: Int?
  let exceptions: [Prefix]
  let isMonitored: Bool
  let skipsGuarded: Bool
  let root: PinRoot
  let lockOut: GuardRequest
  let style: ChangeStyle

  /// The list as the feed leaves it.
  func change(in datapath: Datapath) throws -> ListChange {
    var change = try ListChange(of: list, in: datapath)
    if isMonitored { change.after.isMonitored = true }
    return change
  }

  /// How a line of a stream changes an entry.
  func edit(_ terms: ListTerms) -> EntryEdit {
    let end =
      terms.lifetime.map { .after($0) } ?? (terms.isWhole ? .never : EntryEdit.End(lifetime))
    return EntryEdit(end: end, note: terms.note, isMonitored: terms.isMonitored, isWhole: true)
  }

  /// The peers that are too many to be cut off, and how many have a connection now. A list that only monitors is
  /// judged as if it dropped.
  func cut(
    by change: ListChange, on datapath: Datapath,
    _ plan: (ListChange) throws -> ListPlan<Prefix>
  ) throws -> (beyond: ArraySlice<IPAddress>, cut: Int, all: Int) {
    guard let mostCut, !lockOut.isForced else { return ([], 0, 0) }
    var enforced = change
    enforced.after.isMonitored = false
    let (cut, all) = try lockOut.peers(cutBy: plan(enforced).plan, of: datapath)
    return (cut.dropFirst(all * mostCut / 100), cut.count, all)
  }

  func checkCount(_ count: Int) throws {
    guard count > most else { return }
    throw AegisError(
      .badInput, "list \(list) would have \(count) entries, more than \(most)",
      hint: "--max \(count) allows it")
  }

  /// Counts a refusal, for metrics. That must not hide its reason.
  func countRefusal(after error: any Error) {
    guard !style.isDryRun, Failures.isOfInput(error) else { return }
    guard let session = try? Session(at: root, timeout: style.timeout),
      let datapath = try? session.datapath()
    else { return }
    try? ListTable(datapath).countFeed(of: list, applied: false)
  }

  /// Replaces the list by the contents of files.
  func replace(by files: [String]) throws {
    do {
      try apply(files)
    } catch {
      countRefusal(after: error)
      throw error
    }
  }

  private func apply(_ files: [String]) throws {
    var request = EntryRequest(root: root)
    request.files = files
    request.listOptions = options
    request.list = list
    request.isReplacement = true
    request.style = style
    var input = try EntryInput(request, ListFile.drops) { text, notes throws(InputError) in
      try Prefix(text, noting: &notes)
    }
    input.contents.mergeOverlaps(lives: true)
    let excluded = input.contents.exclude(exceptions)
    if excluded > 0 { try input.checkSomeIsLeft() }
    try checkCount(input.contents.entries.count)
    let session = try style.session(at: root)
    let datapath = try session.datapath()
    var change = try change(in: datapath)
    // What a list of action none has may be let in by a rule; the guard judges that.
    if change.after.action == .drop { try leaveOutGuarded(of: &input, datapath) }
    change.after.expire(at: EntryEdit.End(lifetime))
    let edit = try request.edit()
    let contents = input.contents
    func plan(_ change: ListChange) throws(AegisError) -> ListPlan<Prefix> {
      try change.plan { side throws(AegisError) in
        try side.plan(putting: contents, edit, replacing: true)
      }
    }
    let (beyond, cut, all) = try cut(by: change, on: datapath, plan)
    guard beyond.isEmpty else {
      throw AegisError(
        .badInput,
        "list \(list) would cut off \(cut) of \(all) peers that have a connection now, more than \(mostCut ?? 0) %",
        hint: "look at it first with --monitor, or allow more with --max-cut")
    }
    let made = try plan(change)
    try lockOut.run(made.plan, on: datapath, in: session)
    if !session.isDryRun { try ListTable(datapath).countFeed(of: list, applied: true) }
    try style.print(
      FeedReport(list, made, count: contents.entries.count, ends: change.after, style.isDryRun),
      isBan: true, at: root)
  }

  private func leaveOutGuarded(
    of input: inout EntryInput<Prefix>, _ datapath: Datapath
  ) throws {
    if lockOut.isForced { return }
    let places = try lockOut.places(of: datapath)
    if skipsGuarded {
      input.leaveOut(places.named(by:))
      return try input.checkSomeIsLeft()
    }
    try input.refuse(places.named(by:))
  }
}

extension Failures {
  /// Whether what was given is wrong, and not the datapath or the kernel.
  static func isOfInput(_ error: any Error) -> Bool {
    switch error {
    case let error as AegisError: error.kind == .badInput || error.kind == .wouldLockOut
    case let failures as Failures: failures.errors.contains { isOfInput($0) }
    default: false
    }
  }
}

/// What a feed changed.
struct FeedReport: ChangeReporting {
  struct Item: ChangeItem {
    let name: String
    let action: String
    let entries: Int
    let added: Int
    let updated: Int
    let removed: Int
    /// In RFC 3339; absent if the list does not expire.
    let expires: String?
  }

  private let item: Item
  private let isDryRun: Bool
  var confirmation: Confirmation?

  /// - Parameter count: The entries that the list has now.
  init(
    _ list: ListName, _ made: ListPlan<Prefix>, count: Int, ends: NamedList, _ isDryRun: Bool
  ) {
    let counts = made.counts
    let clock = ClockReading.now()
    item = Item(
      name: "\(list)", action: made.plan.isEmpty ? "unchanged" : "applied", entries: count,
      added: counts[.added] ?? 0, updated: counts[.updated] ?? 0, removed: counts[.removed] ?? 0,
      expires: ends.expires.map { "\(clock.wallTime(of: $0))" })
    self.isDryRun = isDryRun
  }

  var isChanged: Bool { item.action != "unchanged" }

  var object: ChangesObject<Item> {
    ChangesObject([item], merged: 0, remaining: [], dryRun: isDryRun, confirmation: confirmation)
  }

  var names: [String] { [item.name] }

  func table(wide: Bool) -> Table {
    let suffix = isDryRun ? " (dry run)" : ""
    let counts = "\(item.entries) entries: \(item.added) added, \(item.removed) removed"
    return Table(
      ["", "", ""],
      rows: [["list \(item.name)", item.action + suffix, counts]])
  }
}
