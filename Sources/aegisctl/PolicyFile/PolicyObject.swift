import Aegis

/// A policy as the document that `apply` reads.
struct PolicyObject: Encodable {
  let apiVersion = APIVersion.current
  let kind = "Policy"
  /// nil for main.
  let metadata: Metadata?
  let spec: Spec

  struct Metadata: Encodable {
    let profile: String
  }

  struct Spec: Encodable {
    let `default`: String?
    let replies: Bool?
    let mode: String?
    let sourcePrefix: Lengths?
    let classes: [ClassObject]?
    let lists: [ListItem]?
    let rules: [RuleEntryObject<RuleFieldsObject>]?
    let rates: [RateItem]?
    let drops: [EntryItem]?
    let keys: [EntryItem]?
    let out: Side?
    let relay: Relay?
  }

  struct Relay: Encodable {
    let users: [UserItem]
  }

  /// What is declared for packets that leave.
  struct Side: Encodable {
    let `default`: String?
    let rules: [RuleEntryObject<RuleFieldsObject>]?
    let rates: [RateItem]?
    let drops: [EntryItem]?
    let keys: [EntryItem]?

    init(_ policy: Policy, _ clock: ClockReading) {
      self.default = policy.defaultAction?.rawValue
      rules = policy.rules?.map { RuleEntryObject($0, clock, RuleFieldsObject.init) }
      rates = policy.rates?.map(RateItem.init)
      drops = policy.drops.map { EntryItem.sources($0, clock) }
      // A key that is held in both places is being moved to the protected ones.
      let all = policy.keys.map { keys in
        keys.filter {
          $0.key.isProtected || keys[Policy.Key($0.key.key, isProtected: true)] == nil
        }
      }
      keys = all?.sorted { $0.key.key < $1.key.key }.map { key, conditions in
        EntryItem("\(key.key)", named: "key", conditions, clock, protected: key.isProtected)
      }
    }
  }

  struct Lengths: Encodable {
    let v4: Int
    let v6: Int
  }

  /// - Parameter users: Of the relay; nil leaves them out.
  init(
    _ policy: Policy, users: [RelayUser]? = nil, profile: ProfileName? = nil,
    clock: ClockReading = .now()
  ) {
    metadata = profile.map { Metadata(profile: $0.text) }
    let side = Side(policy, clock)
    spec = Spec(
      default: side.default, replies: policy.replies, mode: policy.mode?.rawValue,
      sourcePrefix: policy.sourcePrefix.map { Lengths(v4: $0.v4, v6: $0.v6) },
      classes: policy.classes?.sorted { $0.key < $1.key }.map(ClassObject.init),
      lists: policy.lists?.sorted { $0.key < $1.key }.map { name, list in
        ListItem(name, list, policy.entries(of: name), clock)
      },
      rules: side.rules, rates: side.rates, drops: side.drops, keys: side.keys,
      out: policy.out.map { Side($0, clock) },
      relay: users.map { users in Relay(users: users.map { UserItem($0, clock) }) })
  }
}

extension PolicyObject {
  struct RateItem: Encodable {
    let rate: String
    let burst: UInt32?
    let port: String?
    let from: String?
    let `class`: String?
    let total: Bool?
    let algorithm: String?
    let monitor: Bool?

    init(_ rule: RateRule) {
      rate = "\(rule.rate)"
      burst = rule.rate.algorithm == .fixedWindow ? nil : rule.rate.burst
      port = rule.selector.port?.description
      from = rule.selector.prefix?.description
      self.class = rule.selector.className?.text
      total = rule.isTotal ? true : nil
      algorithm = rule.rate.algorithm == .tokenBucket ? nil : rule.rate.algorithm.rawValue
      monitor = rule.rate.isMonitored ? true : nil
    }
  }

  struct ListItem: Encodable {
    let name: String
    let action: String?
    let direction: String?
    let monitor: Bool?
    let note: String?
    let expires: String?
    /// nil if they are not declared.
    let entries: [EntryItem]?

    init(
      _ name: ListName, _ list: NamedList, _ entries: [Prefix: Policy.Conditions]?,
      _ clock: ClockReading
    ) {
      self.name = name.text
      action = list.action == .drop ? nil : list.action.rawValue
      direction = list.directions == .in ? nil : list.directions.rawValue
      monitor = list.isMonitored ? true : nil
      note = list.note?.text
      expires = list.expires.map { "\(clock.wallTime(of: $0))" }
      self.entries = entries.map { EntryItem.sources($0, clock) }
    }
  }

  struct UserItem: Encodable {
    let user: String
    let to: String
    let rate: String?
    let burst: UInt32?
    let expires: String?

    init(_ user: RelayUser, _ clock: ClockReading) {
      self.user = user.name.text
      to = "\(user.destination)"
      rate =
        user.rate == RelayUserRequest.defaultRate ? nil : user.rate.map { "\($0)" } ?? "off"
      burst = user.rate.flatMap { $0.effectiveBurst == $0.defaultBurst ? nil : $0.effectiveBurst }
      expires = user.expires.map { "\(clock.wallTime(of: $0))" }
    }
  }

  /// A drop or a key; one with nothing but its name is written as a string.
  struct EntryItem: Encodable {
    private let name: String
    private let field: SchemaKey
    private let texts: [(key: SchemaKey, text: String)]
    private let flags: [SchemaKey]
    private let burst: UInt32?

    init(
      _ name: String, named field: SchemaKey, _ conditions: Policy.Conditions,
      _ clock: ClockReading, protected: Bool = false
    ) {
      self.name = name
      self.field = field
      var texts: [(key: SchemaKey, text: String)] = []
      if let note = conditions.note { texts.append(("note", note.text)) }
      if let expires = conditions.expires {
        texts.append(("expires", "\(clock.wallTime(of: expires))"))
      }
      if let rate = conditions.rate {
        texts.append(("rate", "\(rate)"))
        if rate.algorithm != .tokenBucket { texts.append(("algorithm", rate.algorithm.rawValue)) }
      }
      self.texts = texts
      burst = conditions.rate.flatMap { $0.algorithm == .fixedWindow ? nil : $0.burst }
      let isMonitored = conditions.isMonitored || conditions.rate?.isMonitored == true
      flags = (protected ? ["protect"] : []) + (isMonitored ? ["monitor"] : [])
    }

    /// The entries of a list of drops.
    static func sources(
      _ entries: [Prefix: Policy.Conditions], _ clock: ClockReading
    ) -> [EntryItem] {
      entries.sorted { $0.key < $1.key }.map { prefix, conditions in
        EntryItem("\(prefix)", named: "source", conditions, clock)
      }
    }

    func encode(to encoder: any Encoder) throws {
      if texts.isEmpty, flags.isEmpty {
        var container = encoder.singleValueContainer()
        return try container.encode(name)
      }
      var container = encoder.container(keyedBy: SchemaKey.self)
      try container.encode(name, forKey: field)
      for (key, text) in texts { try container.encode(text, forKey: key) }
      for flag in flags { try container.encode(true, forKey: flag) }
      try container.encodeIfPresent(burst, forKey: "burst")
    }
  }
}
