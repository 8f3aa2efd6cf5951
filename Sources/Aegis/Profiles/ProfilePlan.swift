internal import BPF
internal import CAegis
internal import Linux

/// What changes in a profile besides main.
public struct ProfilePlan: Sendable {
  public let profile: Profile
  /// Whether there is no such profile yet.
  public let isNew: Bool
  public let plan: Plan

  public var isChanged: Bool { isNew || !plan.isEmpty }

  /// - Parameters:
  ///   - wanted: What is declared for each profile.
  ///   - main: What is declared for main, and changed before.
  ///   - datapath: nil if nothing is loaded.
  /// - Throws: `badInput` for what a profile cannot have, and as ``Plan/init(from:to:pruning:)``; `failed` if there
  ///   are too many profiles.
  public static func plans(
    for wanted: [ProfileName: Policy], after main: Policy, of datapath: Datapath?, pruning: Bool
  ) throws(AegisError) -> [ProfilePlan] {
    let names = wanted.keys.sorted()
    let profiles =
      try datapath.map { datapath throws(AegisError) in
        try ProfileTable(datapath).planned(names)
      } ?? names.enumerated().map { Profile(number: UInt32($0.offset + 1), name: $0.element) }
    let present = try datapath.map { datapath throws(AegisError) in
      try ProfileTable(datapath).all()
    }
    var plans: [ProfilePlan] = []
    for profile in profiles {
      let policy = wanted[profile.name] ?? Policy()
      try policy.check(asOf: profile.name)
      let view = datapath?[profile: profile]
      var current =
        try view.map { view throws(AegisError) in try Policy(of: view) } ?? .initial
      current.classes?.merge(main.classes ?? [:]) { $1 }
      current.lists?.merge(main.lists ?? [:]) { $1 }
      var plan = try Plan(from: current, to: policy, pruning: pruning)
      if let view { plan = try plan.refreshingPorts(ifPassing: policy.replies, of: view) }
      plans.append(
        ProfilePlan(
          profile: profile, isNew: present?.contains(profile) != true, plan: plan))
    }
    return plans
  }

  /// Makes the profile if it is new, and carries out its plan.
  public func run(on datapath: Datapath, in session: borrowing Session) throws(AegisError) {
    let view = datapath[profile: profile]
    // A new profile is made even if there is nothing to change in it.
    if isNew, !session.isDryRun { try ProfileTable(datapath).make(profile) }
    try PlanExecutor(view).run(plan, in: session)
  }
}

/// A field of a policy file that all profiles share.
public enum CommonField: String, CaseIterable, Sendable {
  case sourcePrefix, classes, lists, drops, relay

  /// Of a file for another profile that has such a field.
  public static func problem(in profile: ProfileName) -> String {
    "cannot be in profile \(profile), because all profiles share it"
  }

  public var hint: String {
    switch self {
    case .drops:
      "declare a list of action none, and in the profile a rule that drops it:"
        + " {name: NAME, match: {from: list:LIST}, then: drop}"
    default: "declare it in a document of main"
    }
  }
}

extension Policy {
  /// Only what each profile has.
  public var ownPart: Policy {
    var part = self
    (part.sourcePrefix, part.classes, part.lists, part.drops) = (nil, nil, nil, nil)
    part.listed = [:]
    part.out = out?.ownPart
    return part
  }

  /// - Throws: `badInput` for what is common to all profiles.
  func check(asOf profile: ProfileName) throws(AegisError) {
    let shared: [(CommonField, Bool)] = [
      (.sourcePrefix, sourcePrefix != nil), (.classes, classes != nil), (.lists, lists != nil),
      (.drops, drops != nil || out?.drops != nil),
    ]
    if let (field, _) = shared.first(where: \.1) {
      throw AegisError(
        .badInput, "\(field.rawValue) \(CommonField.problem(in: profile))", hint: field.hint)
    }
    let keys = Direction.allCases.flatMap { part(of: $0).keys?.keys.map { $0 } ?? [] }
    if let key = keys.sorted().first(where: \.isProtected) {
      throw AegisError(
        .badInput, "\(key.key) cannot be protected in profile \(profile)",
        hint: "protected keys hold in every profile: declare it in a document of main")
    }
  }
}

extension ProfileTable {
  /// The profiles of these names, or those that would be made.
  ///
  /// - Throws: `failed` if there is no room for all of them.
  public func planned(_ names: [ProfileName]) throws(AegisError) -> [Profile] {
    var known = try named()
    return try names.map { (name: ProfileName) throws(AegisError) -> Profile in
      if let found = known.first(where: { $0.name == name }) { return found }
      guard
        let number = (1..<AEGIS_PROFILES).first(where: { number in
          !known.contains { $0.number == number }
        })
      else {
        throw AegisError(
          .failed, "there can be no more than \(Self.most) profiles besides main",
          hint: "remove one: aegisctl switch --remove NAME")
      }
      let new = Profile(number: number, name: name)
      known.append(new)
      return new
    }
  }

  /// Whether switching changes anything.
  public func isChange(
    to profile: Profile, for duration: Duration?
  ) throws(AegisError) -> Bool {
    let now = try inForce()
    return now.profile != profile || now.until != nil || duration != nil && !profile.isMain
  }

  /// Puts a profile into force for all packets of both directions at once, except those of interfaces that name one.
  ///
  /// - Parameter duration: After this time it is main again, also without any process. nil is for good.
  public func switchTo(
    _ profile: Profile, for duration: Duration?, in session: borrowing Session
  ) throws(AegisError) {
    if session.isDryRun { return }
    guard try isChange(to: profile, for: duration) else { return }
    try put(
      profile, until: profile.isMain ? nil : duration.map { Clock.boottime(after: $0) })
  }

  /// Removes a profile, with its rates, rules and keys.
  ///
  /// - Throws: `badInput` if it is in force, or an interface names it.
  public func remove(
    _ profile: Profile, in session: borrowing Session
  ) throws(AegisError) {
    if profile.isMain { throw AegisError(.badInput, "main cannot be removed") }
    if try inForce().profile == profile {
      throw AegisError(
        .badInput, "profile \(profile.name) is in force",
        hint: "aegisctl switch main, and then remove it")
    }
    if try automatic()?.profile == profile {
      throw AegisError(
        .badInput, "the datapath switches to profile \(profile.name) by itself",
        hint: "aegisctl switch \(profile.name) --when off, and then remove it")
    }
    if let interface = try users(of: profile).first {
      throw AegisError(
        .badInput, "interface \(interface) has profile \(profile.name)",
        hint: "give it another one first: aegisctl attach \(interface) --profile main")
    }
    if session.isDryRun { return }
    try discard(profile, in: session)
  }

  /// Does it without checks.
  func discard(
    _ profile: Profile, in session: borrowing Session
  ) throws(AegisError) {
    let view = datapath[profile: profile]
    let plan = try Plan(from: Policy(of: view), to: Policy.initial.ownPart, pruning: true)
    try PlanExecutor(view).run(plan, in: session)
    try forget(profile)
  }

  /// Gives interfaces that name a profile the one in force.
  func release(_ profile: Profile) throws(AegisError) {
    let map: BPFMap<UInt32, aegis_interface> = try datapath.map(AEGIS_MAP_interfaces)
    for (slot, interface) in try Slots(datapath).taken()
    where interface.profile == profile.number {
      var interface = interface
      interface.profile = nil
      let released = interface
      try kernel { () throws(SystemError) in try map.update(released, forKey: slot) }
    }
  }

  /// The interfaces that name a profile.
  public func users(of profile: Profile) throws(AegisError) -> [String] {
    try Slots(datapath).taken().filter { $0.interface.profile == profile.number }
      .map { CText.read($0.interface.name) }.sorted()
  }
}

extension aegis_port_flag {
  /// The bits of the profile of an interface.
  static let profile = AEGIS_PORT_PROFILE_MASK << AEGIS_PORT_PROFILE_SHIFT
}

extension aegis_interface {
  /// The number of the profile that it names; nil if it has the one in force.
  var profile: UInt32? {
    get {
      let field = flags >> AEGIS_PORT_PROFILE_SHIFT & AEGIS_PORT_PROFILE_MASK
      return field == 0 ? nil : field - 1
    }
    set {
      flags &= ~aegis_port_flag.profile
      flags |= (newValue.map { $0 + 1 } ?? 0) << AEGIS_PORT_PROFILE_SHIFT
    }
  }
}
