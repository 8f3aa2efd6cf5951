internal import CAegis

/// How to get back to profiles that were saved, and to the one that was in force.
public struct SavedProfiles: Sendable {
  /// What changes in each.
  public let plans: [ProfilePlan]
  /// The profiles that go.
  public let gone: [Profile]
  /// The one that comes into force; nil if it is in force.
  public let inForce: Profile?
  private let until: UInt64?

  init(_ datapath: Datapath, _ saved: Datapath) throws(AegisError) {
    let (now, then) = (ProfileTable(datapath), ProfileTable(saved))
    let (present, past) = (try now.all(), try then.all())
    let names = past.filter { !$0.isMain }.map(\.name)
    let profiles = try now.planned(names)
    var plans: [ProfilePlan] = []
    for (profile, name) in zip(profiles, names) {
      let before = try Policy(of: saved[profile: then.find(name)]).ownPart
      plans.append(
        ProfilePlan(
          profile: profile, isNew: !present.contains(profile),
          plan: try Plan(from: Policy(of: datapath[profile: profile]), to: before, pruning: true)))
    }
    self.plans = plans.filter(\.isChanged)
    gone = present.filter { !$0.isMain && !names.contains($0.name) }
    let (one, other) = (try now.inForce(), try then.inForce())
    let isSame = one.profile.name == other.profile.name && one.until == other.until
    inForce =
      isSame ? nil : other.profile.isMain ? .main : profiles.first { $0.name == other.profile.name }
    until = other.until
  }

  public var isEmpty: Bool { plans.isEmpty && gone.isEmpty && inForce == nil }

  func restore(to datapath: Datapath, in session: borrowing Session) throws(AegisError) {
    for plan in plans { try plan.run(on: datapath, in: session) }
    if session.isDryRun { return }
    if let inForce { try ProfileTable(datapath).put(inForce, until: until) }
    for profile in gone {
      try ProfileTable(datapath).release(profile)
      try ProfileTable(datapath).discard(profile, in: session)
    }
  }
}
