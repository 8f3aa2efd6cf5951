import Aegis

struct DumpReport: Report {
  let part: DumpCommand.Part
  var direction = Direction.in
  /// Whether to leave out the parts that never expire, so that only drops and keys remain.
  var showsEntriesOnly = false
  var drops: [Entry<Prefix>] = []
  var keys: [Entry<AllowKey>] = []
  var rates: [RateRule] = []
  var classes: [ClassObject] = []
  var lists: [ListObject] = []
  /// In their order.
  var rules: [RuleObject] = []
  var offenders: [Offender] = []
  var links: [Attachment] = []
  /// Not in `all`.
  var users: [RelayUser] = []
  var profiles: [ProfileObject] = []
  /// Whether it is about a profile besides main: then `all` has only what each profile has.
  var isOfProfile = false
  /// The oldest first; not in `all`.
  var log: [LoggedChange] = []

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "Dump"
    var drops: [EntryRecord]?
    var keys: [EntryRecord]?
    var rates: [RateObject]?
    var rules: [RuleObject]?
    var classes: [ClassObject]?
    var lists: [ListObject]?
    var offenders: [OffenderObject]?
    var links: [LinkObject]?
    var users: [RelayUserObject]?
    var profiles: [ProfileObject]?
    var log: [ChangeObject]?
  }

  private func isShown(_ part: DumpCommand.Part) -> Bool {
    if self.part == .all {
      if direction == .out, part.isShared { return false }
      if isOfProfile, !part.isOwn { return false }
      return part != .log && part != .users && part != .profiles
        && (!showsEntriesOnly || part == .drops || part == .keys)
    }
    return self.part == part
  }

  var object: Object {
    let clock = ClockReading.now()
    return Object(
      drops: isShown(.drops) ? drops.map { EntryRecord(drop: $0, clock) } : nil,
      keys: isShown(.keys) ? keys.map { EntryRecord(key: $0, clock) } : nil,
      rates: isShown(.rates) ? rates.map(RateObject.init) : nil,
      rules: isShown(.rules) ? rules : nil,
      classes: isShown(.classes) ? classes : nil,
      lists: isShown(.lists) ? lists : nil,
      offenders: isShown(.offenders) ? offenders.map(OffenderObject.init) : nil,
      links: isShown(.links) ? links.map { LinkObject($0) } : nil,
      users: part == .users ? users.map { RelayUserObject($0, clock) } : nil,
      profiles: part == .profiles ? profiles : nil,
      log: part == .log ? log.map(ChangeObject.init) : nil)
  }

  var names: [String] {
    drops.map { "\($0.element)" } + keys.map { "\($0.element)" }
      + rates.map(\.rate.description) + rules.map(\.entry.name) + classes.map(\.name)
      + lists.map(\.name)
      + offenders.map { "\($0.source)" }
      + links.map(\.label) + users.map(\.name.text) + profiles.map(\.name)
      + log.map(\.command)
  }

  func table(wide: Bool) -> Table {
    let tables: [(DumpCommand.Part, Table)] = [
      (.drops, dropTable), (.keys, keyTable), (.rates, rateTable),
      (.rules, RuleObject.table(rules, wide: wide)), (.classes, classTable),
      (.lists, Table(ListObject.columns, rows: lists.map(\.row))), (.offenders, offenderTable),
      (.links, linkTable(wide: wide)), (.users, userTable),
      (.profiles, Table(ProfileObject.columns, rows: profiles.map(\.row))), (.log, logTable),
    ]
    if part != .all, let only = tables.first(where: { $0.0 == part }) { return only.1 }
    return Table(joining: tables.filter { isShown($0.0) }.map { (title: nil, table: $0.1) })
  }

  private static func left(_ remaining: Duration?) -> String {
    remaining.map(DurationText.format) ?? "-"
  }

  private var dropTable: Table {
    Table(
      ["drop", "left", .right("hits"), "note"],
      rows: drops.map {
        [
          "\($0.element)", Self.left($0.remaining), "\($0.hits)",
          ($0.isMonitored ? "(monitored) " : "") + ($0.note?.text ?? "-"),
        ]
      })
  }

  private var logTable: Table {
    let names = UserNames.ofHost()
    return Table(
      ["time", "user", "from", "command", "message"],
      rows: log.map { change in
        let seconds = WallTime(milliseconds: change.time.milliseconds / 1000 * 1000)
        let login = change.loginUser.flatMap { user in
          user == change.user ? nil : " (login \(names[user]))"
        }
        return [
          "\(seconds)", names[change.user] + (login ?? ""),
          change.origin.isEmpty ? "-" : change.origin,
          change.command, change.message.isEmpty ? "-" : change.message,
        ]
      })
  }

  private var keyTable: Table {
    Table(
      ["key", "protected", "rate", "left", .right("hits"), "note"],
      rows: keys.map {
        [
          "\($0.element)", $0.isProtected ? "yes" : "no", $0.rate?.description ?? "-",
          Self.left($0.remaining), "\($0.hits)",
          $0.note?.text ?? "-",
        ]
      })
  }

  private var rateTable: Table {
    Table(
      ["rate", .right("burst"), "algorithm", "applies to"],
      rows: rates.map {
        [
          "\($0.rate)", $0.rate.algorithm == .fixedWindow ? "-" : "\($0.rate.effectiveBurst)",
          $0.rate.algorithm.rawValue + ($0.rate.isMonitored ? ", monitored" : ""),
          RateText.scope($0),
        ]
      })
  }

  private var classTable: Table {
    Table(
      ["class", "countries", "prefixes"],
      rows: classes.map { one in
        [one.name] + [one.countries, one.prefixes].map { $0?.joined(separator: ", ") ?? "-" }
      })
  }

  private var offenderTable: Table {
    Table(
      ["offender", "rate of", .right("dropped (estimate)"), "first", "last"],
      rows: offenders.map {
        [
          "\($0.source)", $0.rule ?? "-", "\($0.packets)",
          "\(DurationText.format($0.firstAgo)) ago", "\(DurationText.format($0.lastAgo)) ago",
        ]
      })
  }

  private var userTable: Table {
    let clock = ClockReading.now()
    return Table(RelayUser.columns, rows: users.map { $0.row(clock) })
  }

  private func linkTable(wide: Bool) -> Table {
    Table(
      ["interface", .right("index"), "mode", .right("link"), .right("program"), "namespace"],
      rows: links.map {
        [
          $0.label, "\($0.ifindex)", $0.mode.rawValue, $0.link.map(String.init) ?? "-",
          $0.program.map(String.init) ?? "-",
          ($0.isElsewhere ? "another" : "this") + ($0.isMoved ? " (moved)" : ""),
        ]
      })
  }
}
