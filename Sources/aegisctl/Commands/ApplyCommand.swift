import Aegis
import ArgumentParser

struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "apply", usage: "[options] -f <file> | --schema",
    abstract: "Apply a policy file.",
    discussion: """
      Compares the file with the loaded policy and changes only what differs. Changes are made in batches and \
      in a safe order: every packet gets either its old or its new verdict. Entries that already match keep \
      their hits. Anything the file does not declare stays; --prune removes entries that its lists do not \
      contain. If the command is killed half-way, run it again to finish.

      With --confirm-within the previous policy is kept, and everything passes after that time unless you run \
      'aegisctl confirm' first. The deadline is printed on standard error. 'aegisctl rollback', or the next \
      command that changes something, then restores the previous policy.

      The file is YAML or JSON. aegis-policy(5) describes the format, and 'dump -o yaml' writes it.

      Refuses a policy that would cut off an SSH session, a gateway, a name server, a DHCP lease or a tunnel. \
      While nothing is attached, it warns about what attach will refuse.

      With --as the file is for another profile, which is made if there is none: a second set of default, mode, \
      rates, rules and keys that 'aegisctl switch' puts into force. Without --as, metadata in the file says which \
      profile it is for. Its keys hold only while it is in force; drop entries, lists and classes are the same in \
      all profiles. A profile is refused if it would cut somebody off once it is in force.

      Prints what aegisctl lint warns about as notes, unless -q is given.

      A Host document declares capacities and interfaces: apply loads the datapath if it is not loaded, and \
      attaches the interfaces after the policy is in place. With --prune it detaches other interfaces. \
      'rollback' does not detach. Files in its geo are loaded before the policy, and 'rollback' does not unload \
      their countries.

      The relay of a Host document is set before the policy, and its interfaces are prepared after they are \
      attached. Users of the relay are in a Policy document; those that match keep their tokens. If there is no \
      room for all, nothing is changed. 'rollback' undoes neither: a user that was removed has lost its tokens. \
      With --at-boot a relay that cannot be set is a warning.

      The program in hook of a Host document is set as by set-hook, before the policy, and tried under the policy as \
      it will be. 'rollback' does not remove it. With --at-boot one that cannot be had is a warning.

      EXAMPLES
          # save the current policy, and restore it later
          aegisctl dump -o yaml | tee policy.yaml
          aegisctl apply -f policy.yaml --prune
          # show what would change
          aegisctl apply -f /etc/aegis --prune --dry-run
          # a policy from standard input
          printf 'apiVersion: aegis/v1\\nkind: Policy\\nspec: {drops: [192.0.2.7]}\\n' |
              aegisctl apply -f -
          # on a remote host: apply, check that a new session works, and keep it
          aegisctl apply -f policy.yaml --prune --confirm-within 60s
          aegisctl confirm
          # a second set of rates and rules, and put it into force for an hour
          aegisctl apply -f strict.yaml --as strict
          aegisctl switch strict --for 1h
          # at boot, as aegis.service does
          aegisctl apply -f /etc/aegis --at-boot --restore /var/lib/aegis/state.yaml
          # a schema for editors
          aegisctl apply --schema | tee policy.schema.json
      """)

  @OptionGroup var policy: PolicyOptions

  @Flag(name: .long, help: "Print the JSON Schema of a policy instead.")
  var schema = false

  @Flag(
    name: .long, help: "Also replace the loaded program, with the capacities of the Host document.")
  var replace = false

  @Flag(
    name: .long,
    help: "For boot: skip interfaces that do not exist yet, and warn where the guard would refuse.")
  var atBoot = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      With --at-boot, if nothing is loaded: restore drop entries from this file of 'dump host', or all of it if \
      the policy is invalid.
      """,
      valueName: "file"),
    completion: .file())
  var restore: String?

  @OptionGroup var confirm: ConfirmOptions

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if schema != policy.file.isEmpty {
      throw ValidationError("give a policy with --file, or use --schema")
    }
    if restore != nil, !atBoot { throw ValidationError("--restore requires --at-boot") }
    if atBoot, policy.prune { throw ValidationError("--at-boot cannot be used with --prune") }
  }

  func run() throws {
    if schema { return try StandardOutput.write(JSONText.pretty(PolicySchema())) }
    // The saved state is older than the loaded one.
    let saved = try BootState(path: Loader(instance.root).isLoaded ? nil : restore)
    let (wanted, mistakes) = try saved.read(policy.file, as: policy.profile.name())
    try policy.check(wanted)
    if !change.output.quiet { Notice.give(LintReport(warningsOf: wanted.reader).texts) }
    // Reading takes a while, and needs no lock.
    let table = try geo(wanted.host)
    let object = try hook(wanted.host)
    let session =
      try wanted.host == nil
      ? change.session(at: instance.root)
      : Session.create(at: instance.root, timeout: change.timeout, dryRun: change.dryRun)
    let isLoaded = try wanted.host == nil || Loader(instance.root).isLoaded
    let host = try policy.plan(wanted.host, at: isLoaded ? session.datapath() : nil)
    if replace || host?.isLoading == true {
      let capacities = wanted.host?.capacities ?? .init()
      _ = try Loader(instance.root).load(capacities, replace: replace, in: session)
    } else {
      host?.giveNotes()
    }
    // In a dry run with nothing loaded, the plan is all there is to show.
    let datapath = try isLoaded || !change.dryRun ? session.datapath() : nil
    let plan = try policy.plan(wanted.policy, at: datapath)
    let profiles = try policy.plans(wanted, at: datapath)
    let geo = try table.map { try GeoChange(to: $0, of: datapath) }
    let hook: HookChange?
    let relay: RelayChange?
    do {
      hook = try orWarn("the program of hook is not as declared") {
        try object.map {
          try HookChange(
            to: $0, onMissing: wanted.host?.hook?.onMissing ?? .pass, of: datapath)
        }
      }
      relay = try orWarnOfRelay { try RelayChange(wanted, of: datapath, pruning: policy.prune) }
    } catch {
      try abandon(isLoaded, in: session)
      throw error
    }
    var report = PlanReport(
      plan, host, geo, relay, profiles, hook: hook, dryRun: change.dryRun)
    guard let datapath else { return try change.print(report, at: instance.root) }
    do {
      try lockOut.request.listCut(
        by: plan, of: datapath, isDryRun: change.dryRun, isQuiet: change.output.quiet)
      for profile in profiles {
        try lockOut.request.listCut(
          by: profile.plan, after: plan, of: datapath[profile: profile.profile],
          isDryRun: change.dryRun, isQuiet: change.output.quiet)
      }
      try check(plan, host, geo, to: datapath)
      for profile in profiles { try check(profile, after: plan, to: datapath) }
      try atBootOnlyWarn { try hook?.check(lockOut.request, with: plan, profiles, on: datapath) }
      try lockOut.request.warnOfForwarding(plan, of: datapath)
      // The table has no effect on its own, and a policy with classes needs it.
      try geo?.make(on: datapath, in: session)
      try hook?.giveNotes(datapath)
      try hook?.make(on: datapath, in: session)
      _ = try orWarnOfRelay { try relay?.makeSettings(on: datapath, in: session) }
      let changesMore =
        host?.attaching.isEmpty == false || profiles.contains(where: \.isChanged)
      report.confirmation = try confirm.run(
        plan, changesMore: changesMore, on: datapath, in: session, change)
      for profile in profiles { try profile.run(on: datapath, in: session) }
      _ = try orWarnOfRelay { try relay?.makeUsers(on: datapath, in: session) }
    } catch {
      try abandon(isLoaded, in: session)
      throw error
    }
    if confirm.confirmWithin != nil {
      for (what, isChanged) in [("relay", relay?.isChanged), ("hook", hook?.isChanged)]
      where isChanged == true {
        Notice.give("'rollback' does not undo what changes of the \(what)")
      }
    }
    var errors =
      try host.map { try HostChange(datapath, isAtBoot: atBoot).run($0, in: session) } ?? []
    do {
      _ = try orWarnOfRelay { try relay?.prepare(on: datapath, skipsMissing: atBoot, in: session) }
    } catch let error as AegisError {
      errors.append(error)
    }
    try change.print(report, at: instance.root)
    if change.dryRun { report.noteRemaining(change.output) }
    try Failures.check(mistakes + errors)
  }

  /// Unloads what this call has loaded.
  private func abandon(_ wasLoaded: Bool, in session: borrowing Session) throws {
    if wasLoaded || change.dryRun { return }
    _ = try Loader(instance.root).unload(force: false, in: session)
  }

  /// At boot, warns of what cannot be had: having no filter for that would be worse.
  private func orWarn<Value>(
    _ what: String, _ body: () throws -> Value?
  ) throws -> Value? {
    do {
      return try body()
    } catch let error as AegisError where atBoot {
      StandardError.warn("\(what): \(error.message)", hint: error.hint)
      return nil
    }
  }

  private func orWarnOfRelay<Value>(_ body: () throws -> Value?) throws -> Value? {
    try orWarn("the relay is not as declared", body)
  }

  /// The declared countries; nil if none are declared, or they cannot be read at boot, where no filter would be worse.
  private func geo(_ host: HostDeclaration?) throws -> GeoTable?? {
    guard let files = host?.geo else { return nil }
    return try orWarn("no countries") { .some(try GeoChange.table(of: files)) }
  }

  /// The declared program, likewise.
  private func hook(_ host: HostDeclaration?) throws -> HookObject?? {
    guard let declared = host?.hook else { return nil }
    return try orWarn("no program of hook") { .some(try HookChange.read(declared)) }
  }

  private func check(_ profile: ProfilePlan, after main: Plan, to datapath: Datapath) throws {
    try atBootOnlyWarn { try lockOut.request.check(profile, after: main, on: datapath) }
  }

  private func atBootOnlyWarn(_ check: () throws -> Void) throws {
    do {
      try check()
    } catch let error as AegisError where error.kind == .wouldLockOut && atBoot {
      StandardError.warn(error.message, hint: error.hint)
    }
  }

  /// At boot there is nobody to cut off yet, and having no filter at all would be worse.
  private func check(
    _ plan: Plan, _ host: HostPlan?, _ geo: GeoChange?, to datapath: Datapath
  ) throws {
    let attaching = host?.attaching ?? []
    do {
      try lockOut.request.check(plan, to: datapath, attaching: attaching, geo: geo)
    } catch let error as AegisError where error.kind == .wouldLockOut && atBoot {
      if try Interfaces(datapath).attachments().contains(where: \.isAttached) { throw error }
      StandardError.warn(error.message, hint: error.hint)
    }
    if attaching.isEmpty { try lockOut.request.warn(of: plan, to: datapath) }
  }
}
