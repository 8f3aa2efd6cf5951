import Aegis
import ArgumentParser

/// A request of `drop-ip` or `allow-key`, however its words were parsed.
struct EntryRequest {
  var words: [String] = []
  var files: [String] = []
  /// How to read the lists.
  var listOptions = ListOptions()
  /// Whether a single bad line is an error.
  var isStrict = false
  /// Whether to leave out lines that the lock-out guard would refuse.
  var skipsGuarded = false
  var lifetime: Lifetime?
  /// Wall-clock time.
  var until: String?
  var extends = false
  var note: String?
  var isRemoval = false
  /// Whether to remove all other entries.
  var isReplacement = false
  var isProtected = false
  /// For drops: whether they only count.
  var isMonitored = false
  var rate: String?
  var burst: String?
  var direction = Direction.in
  /// The list of drops; nil means all that have an entry, for a removal.
  var list: ListName? = .manual
  var root: PinRoot
  var lockOut = GuardRequest()
  var style = ChangeStyle()

  /// How to remove all entries.
  var clearing: String {
    guard let list, list != .manual else {
      return "aegisctl dump drops -o name | aegisctl drop-ip --remove -f -"
    }
    return "aegisctl set-list \(list) --remove"
  }

  func drop() throws {
    let edit = try edit()
    var input = try EntryInput(self, ListFile.drops) { text, notes throws(InputError) in
      try Prefix(listOptions.masked(text), noting: &notes)
    }
    let session = try style.session(at: root)
    let datapath = try session.datapath(direction)
    if skipsGuarded, !isRemoval, !isMonitored {
      let plan = try plan(
        putting: input.contents.mergedEqual(lives: !endsTogether), edit, in: datapath
      ).plan
      input.leaveOut(try lockOut.endangered(by: plan, of: datapath).named(by:))
      if isReplacement { try input.checkSomeIsLeft() }
    }
    // Arguments, dumps and removals are taken as they are.
    if isRemoval || files.isEmpty || input.contents.isWhole {
      input.contents.mergeEqual(lives: !endsTogether)
    } else {
      input.contents.mergeOverlaps(lives: !endsTogether)
    }
    let made =
      try isRemoval
      ? plan(removing: input.contents, from: datapath)
      : plan(putting: input.contents, edit, in: datapath)
    let merged = input.contents.merged
    input.release()
    // A plan for all lists, or for one with a name, has both directions.
    try lockOut.run(made.plan, on: list == .manual ? datapath : datapath[.in], in: session)
    let left = try isRemoval ? remains(after: made, in: datapath) : []
    try style.print(
      ChangeReport(
        made, merged: merged, absent: isRemoval ? "not on the list" : nil,
        dryRun: style.isDryRun),
      isBan: true, at: root)
    try input.reportSkipped(dryRun: style.isDryRun, after: left)
  }

  private func plan(
    putting contents: ListContents<Prefix>, _ edit: @escaping (ListTerms) -> EntryEdit,
    in datapath: Datapath
  ) throws -> ListPlan<Prefix> {
    guard let list, list != .manual else {
      return try DropList(datapath).plan(putting: contents, edit, replacing: isReplacement)
    }
    let change = try ListChange(of: list, in: datapath)
    if change.after.action == .none {
      throw AegisError(
        .badInput, "list \(list) is a set, and drops nothing",
        hint: "add to the set: aegisctl set-list \(list) --add ADDR")
    }
    if change.before == nil, !style.isQuiet { Notice.give("list \(list) is new") }
    return try change.plan { side throws(AegisError) in
      try side.plan(putting: contents, edit, replacing: isReplacement)
    }
  }

  private func plan(
    removing contents: ListContents<Prefix>, from datapath: Datapath
  ) throws -> ListPlan<Prefix> {
    guard let list else { return try DropList.plan(removing: contents, fromAllOf: datapath) }
    if list == .manual { return try DropList(datapath).plan(removing: contents) }
    let change = try ListChange(of: list, in: datapath)
    if change.before == nil {
      if !style.isQuiet { Notice.give("there is no list \(list)") }
      return ListPlan(removingNothing: contents)
    }
    return try change.plan { side throws(AegisError) in
      try side.plan(removing: contents)
    }
  }

  /// What still drops removed sources. Whoever names a list is told, but it did what was asked.
  private func remains(
    after made: ListPlan<Prefix>, in datapath: Datapath
  ) throws -> [AegisError] {
    var side = direction
    if let list, list != .manual {
      guard let defined = try ListTable(datapath).definitions()[list] else { return [] }
      side = defined.directions.all[0]
    }
    let errors = try DropList(datapath[side], list ?? .manual).remains(after: made).map {
      AegisError.remains($0.source, $0.remains, direction, dryRun: style.isDryRun)
    }
    if list == nil || list == .manual { return errors }
    if !style.isQuiet { Notice.give(errors.map(\.message)) }
    return []
  }

  func allow() throws {
    let edit = try edit()
    var input = try EntryInput(self, ListFile.keys) { text, notes throws(InputError) in
      try AllowKey(listOptions.masked(text), in: .argument, noting: &notes)
    }
    let session = try style.session(at: root)
    let datapath = try session.datapath(direction)
    let list = KeyList(datapath)
    func plan(_ contents: ListContents<AllowKey>) throws -> ListPlan<AllowKey> {
      try isRemoval ? list.plan(removing: contents) : list.plan(putting: contents, edit)
    }
    if skipsGuarded {
      let plan = try plan(input.contents.mergedEqual(lives: !endsTogether)).plan
      input.leaveOut(try lockOut.endangered(by: plan, of: datapath).named(by:))
    }
    input.contents.mergeEqual(lives: !endsTogether)
    let made = try plan(input.contents)
    let merged = input.contents.merged
    input.release()
    try lockOut.run(made.plan, on: datapath, in: session)
    let left =
      try isRemoval
      ? list.near(made.changes).map { AegisError.near($0.key, $0.others, direction) } : []
    try style.print(
      ChangeReport(
        made, merged: merged, absent: isRemoval ? "not a key" : nil,
        dryRun: style.isDryRun), at: root)
    try input.reportSkipped(dryRun: style.isDryRun, after: left)
  }

  private var endsTogether: Bool { lifetime != nil || until != nil }

  /// The terms of a list entry apply where the command gives none.
  func edit() throws -> (ListTerms) -> EntryEdit {
    let kept: Note?
    do {
      kept = try note.map { text throws(InputError) in try Note(text) }
    } catch {
      throw AegisError(.badInput, "--note \(error)", hint: error.hint)
    }
    let end = try end()
    let rate = try rateEdit()
    let (extends, isProtected, isMonitored) = (extends, isProtected, isMonitored)
    return { own in
      EntryEdit(
        end: end ?? own.end.map { .at($0) } ?? own.lifetime.map { .after($0) } ?? .never,
        extends: extends, note: kept ?? own.note,
        rate: rate ?? (isProtected ? nil : own.rate).map { .set($0) }
          ?? (own.isWhole ? .off : .keep),
        isMonitored: isMonitored || own.isMonitored, isWhole: own.isWhole,
        isProtected: isProtected || own.isProtected)
    }
  }

  private func end() throws -> EntryEdit.End? {
    try lifetime.map(EntryEdit.End.init)
      ?? until.map { text in try .at(UntilArgument.parse(text)) }
  }

  private func rateEdit() throws -> EntryEdit.RateEdit? {
    guard let rate else { return nil }
    if rate == "off" { return .off }
    let wanted = try RateArgument.parse(rate, of: "--rate", burst: burst)
    do {
      try wanted.validate()
      return .set(wanted)
    } catch {
      throw AegisError(.badInput, "--rate \(error)", hint: error.hint)
    }
  }
}

enum UntilArgument {
  /// A time in the future.
  static func parse(_ text: String) throws -> WallTime {
    let now = ClockReading.now()
    let time: WallTime
    do {
      time = try WallTime(text)
    } catch {
      throw AegisError(
        .badInput, "--until \(error)",
        hint: "write it as 2026-12-01T08:00:00Z or 2026-12-01T09:00:00+01:00")
    }
    guard let remaining = now.remaining(until: time) else {
      throw refusal(text, "is in the past", hint: "it is \(now.wallTime(of: now.boottime)) now")
    }
    guard remaining <= Lifetime.longest else {
      throw refusal(
        text, "is more than 500 years away", hint: "for an entry that never expires: --ttl never")
    }
    return time
  }

  private static func refusal(_ text: String, _ problem: String, hint: String? = nil) -> AegisError
  {
    let error = InputError(input: text, problem: problem)
    return AegisError(.badInput, "--until \(error)", hint: hint)
  }
}
