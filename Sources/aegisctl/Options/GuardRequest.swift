import Aegis
import ArgumentParser
import Glibc

/// The hosts that a change must not cut off, however the arguments were parsed.
struct GuardRequest {
  var isForced = false
  var hosts: [AllowKey] = []

  /// Carries out a plan, unless it would cut off one of the hosts.
  func run(_ plan: Plan, on datapath: Datapath, in session: borrowing Session) throws {
    // The list says more than a refusal.
    try listCut(by: plan, of: datapath, isDryRun: session.isDryRun)
    try check(plan, to: datapath)
    try PlanExecutor(datapath).run(plan, in: session)
    try Confirmation.warnIfOverdue(datapath)
  }

  /// Refuses a plan that would cut off one of the hosts, before it is carried out.
  func check(
    _ plan: Plan, to datapath: Datapath, attaching: [HostPlan.Attaching] = [],
    geo: GeoChange? = nil
  ) throws {
    if isForced { return }
    let table = geo.flatMap { $0.isChanged ? .some($0.table) : nil }
    let notes = try lockOutGuard(of: datapath).check(
      plan, attaching: attaching, geo: table)
    note(notes)
  }

  /// Refuses the plan of a profile that would cut off one of the hosts once it is in force.
  ///
  /// - Parameter main: What is changed in main before.
  func check(_ plan: ProfilePlan, after main: Plan, on datapath: Datapath) throws {
    if isForced { return }
    let view = datapath[profile: plan.profile]
    try note(lockOutGuard(of: view).check(plan.plan, after: main))
  }

  /// Refuses to put a profile into force that would cut off one of the hosts.
  func check(switchingTo profile: Profile, on datapath: Datapath) throws {
    if isForced { return }
    try note(lockOutGuard(of: datapath).check(switchingTo: profile))
  }

  /// Refuses an operator's program that does not let the packets of one of the hosts pass.
  ///
  /// - Parameters:
  ///   - plan: What is changed in main with it.
  ///   - profiles: What is changed in other profiles.
  func check(
    _ trial: HookTrial, onMissing missing: Hook.Missing, with plan: Plan,
    _ profiles: [ProfilePlan], on datapath: Datapath
  ) throws {
    if isForced { return }
    let plans = Dictionary(profiles.map { ($0.profile, $0.plan) }) { $1 }
    try note(
      lockOutGuard(of: datapath).check(
        trial, isClosed: missing == .drop, with: plan, profiles: plans))
  }

  private func note(_ notes: [String]) {
    for note in notes where Verbosity.isVerbose { StandardError.write("note: \(note)\n") }
  }

  private static let mostListed = 20

  /// Says which connections and sockets of this host a plan would cut off; those that leave only for a dry run.
  ///
  /// - Parameters:
  ///   - main: What is changed in main before, if the plan is that of another profile.
  ///   - isQuiet: Whether to say so for a dry run only.
  ///   - isComplete: Whether to name those too whose packets do not come in now.
  func listCut(
    by plan: Plan, after main: Plan = .none, of datapath: Datapath, isDryRun: Bool,
    isQuiet: Bool = false, isComplete: Bool = false
  ) throws {
    if isQuiet, !isDryRun { return }
    let cut = lockOutGuard(of: datapath)
    if isComplete || isDryRun || plan.mayCutSockets || main.mayCutSockets {
      let profile = datapath.profile
      list(
        try cut.sockets(cutBy: plan, after: main, newly: !isComplete), isDryRun: isDryRun,
        under: profile.isMain ? nil : profile)
    }
    guard isDryRun, datapath.direction == .out || plan.out != nil else { return }
    let peers = try cut.connections(cutBy: plan)
    if peers.isEmpty { return }
    let more = peers.count > Self.mostListed ? ", and \(peers.count - Self.mostListed) more" : ""
    let keys = peers.prefix(Self.mostListed).map { "\($0)" }.joined(separator: ", ")
    Notice.give("this would cut connections of this host to \(keys)\(more)")
  }

  /// Says which sockets of this host get no packets once a profile is put into force.
  ///
  /// - Parameter isLater: Whether it is only put into force later.
  func listCut(
    bySwitchingTo profile: Profile, of datapath: Datapath, _ change: ChangeOptions,
    isLater: Bool = false
  ) throws {
    if change.output.quiet, !change.dryRun { return }
    list(
      try lockOutGuard(of: datapath).sockets(cutBySwitchingTo: profile),
      isDryRun: change.dryRun, under: isLater ? profile : nil)
  }

  private func list(_ sockets: [CutSocket], isDryRun: Bool, under profile: Profile?) {
    let verb =
      profile.map { "would get no packets with profile \($0.name)" }
      ?? (isDryRun ? "would get no packets" : "gets no packets any more")
    Notice.give(
      sockets.map { "\($0.name) \(verb); to let them in: \($0.remedy)" })
  }

  /// Says that replies are only those to this host, where it forwards packets too.
  func warnOfForwarding(_ plan: Plan, of datapath: Datapath) throws {
    guard lockOutGuard(of: datapath).misses(forwardedBy: plan) else { return }
    Notice.give("this host forwards packets: under deny, those that it forwards need keys or rules")
  }

  /// Warns that attaching will be refused after a plan that is carried out while nothing is attached.
  func warn(of plan: Plan, to datapath: Datapath) throws {
    if isForced { return }
    guard let refusal = try lockOutGuard(of: datapath).foresee(plan) else { return }
    StandardError.warn(
      "nothing is attached yet, and attach will be refused: \(refusal.message)",
      hint: refusal.hint)
  }

  /// The hosts that a plan would cut off.
  func endangered(by plan: Plan, of datapath: Datapath) throws -> ThreatenedFlows {
    try lockOutGuard(of: datapath).endangered(by: plan)
  }

  /// What no feed may drop.
  func places(of datapath: Datapath) throws -> GuardedPlaces {
    try lockOutGuard(of: datapath).places()
  }

  /// Which peers that have connections now a plan would newly cut off, and how many there are.
  func peers(cutBy plan: Plan, of datapath: Datapath) throws -> (cut: [IPAddress], all: Int) {
    try lockOutGuard(of: datapath).peers(cutBy: plan)
  }

  private func lockOutGuard(of datapath: Datapath) -> LockOutGuard {
    let connection = getenv("SSH_CONNECTION").map { String(cString: $0) }
    return LockOutGuard(datapath, sshConnection: connection, asked: hosts)
  }

  /// Parses the value of `--guard`.
  static func host(_ text: String) throws -> AllowKey {
    let key = try InputArgument.read { notes throws(InputError) in
      try AllowKey(text, in: .argument, noting: &notes)
    }
    guard let source = key.source, source.isHost else {
      throw AegisError(InputError(input: text, problem: "is not a host"))
    }
    guard !key.hasSeveralPorts else {
      throw AegisError(InputError(input: text, problem: "has several ports"))
    }
    return key
  }
}
