import Aegis
import ArgumentParser

struct SwitchCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "switch", usage: "[options] <profile>",
    abstract: "Put a profile into force.",
    discussion: """
      A profile is a second set of default, mode, rates, rules and keys, beside main: 'apply --as' makes it, for \
      example a strict one for an attack. switch puts it into force for all packets of both directions at once: \
      each packet is judged by one of the two, and none is lost. Interfaces that name a profile of their own keep \
      it. 'switch main' goes back.

      With --for it is in force for that time, and then main is again: the datapath does that itself, also if no \
      process is alive. Switching again sets the time anew.

      With --when the datapath switches by itself: while all interfaces together receive more packets a second than \
      the rate, and until --for has passed since. Twice the rate is noticed after a twentieth of a second, and one \
      packet in 64 is looked at. It does so only while main is in force: a profile that somebody has switched to \
      stays. '--when off' ends that, and leaves in force what is.

      Drop entries, lists, classes and protected keys are the same in all profiles, so a ban holds after a switch. \
      The keys of main hold in every profile, those of another one only while it is in force.

      Refuses a profile that would cut off an SSH session, a gateway, a name server, a DHCP lease or a tunnel, and \
      lists the connections and sockets of this host that get no packets any more. With --confirm-within everything passes after that time unless you run 'aegisctl confirm' first, and \
      'rollback', or the next command that changes something, goes back to the profile before.

      --remove removes a profile that is neither in force nor named by an interface.

      EXAMPLES
          # rates and rules for an attack
          aegisctl apply -f strict.yaml --as strict
          # during an attack; main is in force again after ten minutes
          aegisctl switch strict --for 10m
          # by itself, while more than 200,000 packets a second come
          aegisctl switch strict --when 'received > 200k/s' --for 10m
          aegisctl switch strict --when off
          # which one is in force
          aegisctl dump profiles
          # back to main, and remove the other one
          aegisctl switch main
          aegisctl switch --remove strict
      """)

  @Argument(
    help: ArgumentHelp("The profile.", valueName: "profile"),
    completion: .custom { words, _, _ in Completions.profiles(words) })
  var profile: String

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("After this time main is in force again.", valueName: "duration"),
    transform: DurationArgument.parse)
  var duration: Duration?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Switch while this holds, 'received > RATE', and for the time of --for; or off.",
      valueName: "condition"))
  var when: String?

  @Flag(name: .long, help: "Remove the profile instead.")
  var remove = false

  @OptionGroup var confirm: ConfirmOptions

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if remove, duration != nil || confirm.confirmWithin != nil || when != nil {
      throw ValidationError("--remove cannot be used with --for, --when or --confirm-within")
    }
    if when != nil, confirm.confirmWithin != nil {
      throw ValidationError("--when cannot be used with --confirm-within")
    }
    if let when, (when == "off") != (duration == nil) {
      throw ValidationError(
        when == "off" ? "leave out --for with --when off" : "--when requires --for")
    }
    if profile == ProfileName.main.text, duration != nil {
      throw ValidationError("main stays in force: leave out --for")
    }
    if let duration, duration <= .zero { throw ValidationError("--for must be positive") }
  }

  func run() throws {
    let name = try InputArgument.read { _ throws(InputError) in try ProfileName(profile) }
    let session = try change.session(at: instance.root)
    let datapath = try session.datapath()
    let table = ProfileTable(datapath)
    if remove { return try remove(name, table, in: session) }
    let wanted = try table.find(name)
    if let when { return try set(when, wanted, table, in: session, of: datapath) }
    let isChange = try table.isChange(to: wanted, for: duration)
    // The list says more than a refusal.
    try lockOut.request.listCut(bySwitchingTo: wanted, of: datapath, change)
    try lockOut.request.check(switchingTo: wanted, on: datapath)
    let time = duration.map { " for \(DurationText.format($0))" } ?? ""
    var report = ChangeReport(
      "profile \(name)\(time)", changed: isChange, dryRun: change.dryRun)
    report.confirmation = try confirm.run(
      .none, changesMore: isChange, on: datapath, in: session, change)
    try table.switchTo(wanted, for: duration, in: session)
    try change.print(report, at: instance.root)
  }

  private func set(
    _ when: String, _ profile: Profile, _ table: ProfileTable, in session: borrowing Session,
    of datapath: Datapath
  ) throws {
    if profile.isMain {
      throw AegisError(.badInput, "main is in force whenever no other profile is")
    }
    var wanted: AutomaticSwitch?
    if when != "off", let duration {
      let rate = try InputArgument.read(of: "--when") { _ throws(InputError) in
        try AutomaticSwitch.rate(when)
      }
      wanted = AutomaticSwitch(profile, above: rate, for: duration)
      try lockOut.request.listCut(
        bySwitchingTo: profile, of: datapath, change, isLater: true)
      try lockOut.request.check(switchingTo: profile, on: datapath)
    } else if let other = try table.automatic()?.profile, other != profile {
      throw AegisError(
        .badInput, "the datapath switches to \(other.name) by itself, not to \(profile.name)",
        hint: "aegisctl switch \(other.name) --when off")
    }
    let isChanged = try table.set(automatic: wanted, in: session)
    try change.print(
      ChangeReport(
        "profile \(profile.name) when \(when)", changed: isChanged, dryRun: change.dryRun),
      at: instance.root)
  }

  private func remove(
    _ name: ProfileName, _ table: ProfileTable, in session: borrowing Session
  ) throws {
    let present = try table.all().first { $0.name == name }
    if let present { try table.remove(present, in: session) }
    try change.print(
      ChangeReport(
        [("profile \(name)", present == nil ? "unchanged" : "removed")], dryRun: change.dryRun),
      at: instance.root)
  }
}
