/// A record of a feed, or a plain address.
enum JSONItem: Decodable {
  /// An address, a prefix or a range.
  case text(String)
  /// Spamhaus: a network and the listing that names it.
  case network(String, listing: String?)
  /// Spamhaus: metadata about the other records.
  case metadata
  case decision(CrowdSecDecision)
  /// CrowdSec: an alert and its decisions.
  case alert([Lenient<CrowdSecDecision>])
  case unknown

  private enum Keys: CodingKey { case cidr, sblid, type, value, decisions }

  init(from decoder: any Decoder) throws {
    guard let record = try? decoder.container(keyedBy: Keys.self) else {
      self = .text(try decoder.singleValueContainer().decode(String.self))
      return
    }
    if record.contains(.cidr) {
      self = .network(
        try record.decode(String.self, forKey: .cidr),
        listing: try record.decodeIfPresent(String.self, forKey: .sblid))
    } else if record.contains(.decisions) {
      let decisions = try record.decodeIfPresent(
        [Lenient<CrowdSecDecision>].self, forKey: .decisions)
      self = .alert(decisions ?? [])
    } else if record.contains(.value) {
      self = .decision(try CrowdSecDecision(from: decoder))
    } else if try record.decodeIfPresent(String.self, forKey: .type) == "metadata" {
      self = .metadata
    } else {
      self = .unknown
    }
  }

  var isKnown: Bool { if case .unknown = self { false } else { true } }

  /// Whether it lifts a ban.
  var isDeletion: Bool {
    if case .decision(let decision) = self { decision.isDeletion } else { false }
  }

  var format: ListFormat {
    switch self {
    case .network, .metadata: .spamhaus
    case .decision, .alert: .crowdsec
    case .text, .unknown: .json
    }
  }

  func take<Element: ListElement>(
    _ place: ListError.Place, _ options: ListOptions, into contents: inout ListContents<Element>
  ) throws(InputError) {
    switch self {
    case .text(let text):
      try contents.take(place) { notes throws(InputError) in
        try ListColumns.elements(text[...], options, noting: &notes)
      }
    case .network(let network, let listing):
      var terms = ListTerms()
      terms.note = listing.flatMap(Note.init(clipping:))
      try contents.take(place, terms) { notes throws(InputError) in
        try ListColumns.elements(network[...], options, noting: &notes)
      }
    case .decision(let decision): try decision.take(place, options, into: &contents)
    case .alert(let decisions):
      for decision in decisions {
        guard let decision = decision.value else {
          throw InputError("decisions", "has an item that is not a decision")
        }
        try decision.take(place, options, into: &contents)
      }
    case .metadata, .unknown: break
    }
  }
}

/// CrowdSec: the action to take for an address.
struct CrowdSecDecision: Decodable {
  private let value: String
  private let type: String?
  private let scope: String?
  private let duration: String?
  /// When the decision ends; a duration always gives this too.
  private let until: String?
  private let scenario: String?
  private let simulated: Bool?
  /// The action, on a bouncer's standard input.
  private let action: String?

  fileprivate func take<Element: ListElement>(
    _ place: ListError.Place, _ options: ListOptions, into contents: inout ListContents<Element>
  ) throws(InputError) {
    if let reason = reasonToLeaveOut {
      contents.leftOut[reason, default: 0] += 1
      return
    }
    if let action, action != "add", !options.isRemoval {
      throw InputError(
        value, "is a deletion, which a list cannot hold", hint: "remove entries with --remove")
    }
    if until != nil, duration == nil, !options.isRemoval {
      throw InputError(value, "has an end but no duration")
    }
    var terms = ListTerms()
    // A ban that is lifted comes with its remaining time, which may be negative.
    if let duration, !options.isRemoval {
      let left = try GoDuration.parse(duration)
      guard left > .zero else {
        contents.leftOut["have ended", default: 0] += 1
        return
      }
      terms.lifetime = left
    }
    terms.note = scenario.flatMap(Note.init(clipping:))
    try contents.take(place, terms) { notes throws(InputError) in
      try ListColumns.elements(value[...], options, noting: &notes)
    }
  }

  fileprivate var isDeletion: Bool { action.map { $0 != "add" } ?? false }

  private var reasonToLeaveOut: String? {
    if let type, type != "ban" { return "are not bans" }
    if simulated ?? false { return "are only simulated" }
    guard let scope else { return nil }
    return ["ip", "range"].contains(scope.lowercased()) ? nil : "do not name addresses"
  }
}
