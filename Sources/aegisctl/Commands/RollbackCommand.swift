import Aegis
import ArgumentParser

struct RollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "rollback", usage: "[options]",
    abstract: "Restore the policy before an unconfirmed change.",
    discussion: """
      Restores the policy from before 'apply', 'switch', 'set-default' or 'set-mode' with --confirm-within, undoing later \
      changes too, and removes the deadline. To undo 'attach --confirm-within', detach the interface. To restore the previous program, see 'load --rollback'.

      EXAMPLES
          # undo a change that is not confirmed
          aegisctl rollback
      """)

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let session = try change.session(at: instance.root)
    let saved = SavedPolicy(at: instance.root)
    let wasPending = try saved.isPending(Datapath(at: instance.root))
    let datapath = try session.datapath()
    guard let plan = try saved.plan(from: datapath) else {
      // The deadline had passed, so the earlier policy was restored just now.
      if wasPending {
        return try change.print(
          ChangeReport([("policy", "rolled back")], dryRun: change.dryRun), at: instance.root)
      }
      throw AegisError(
        .failed, "there is no previous policy to restore at \(instance.root)",
        hint: try Deadline(datapath).remaining() == nil
          ? "apply, switch, set-default and set-mode keep one with --confirm-within"
          : "to undo an attach that is not confirmed: aegisctl detach")
    }
    let profiles = try saved.profiles(from: datapath)
    try lockOut.request.check(plan, to: datapath)
    for profile in profiles.plans {
      try lockOut.request.check(profile, after: plan, on: datapath)
    }
    let report = PlanReport(
      plan, nil, nil, nil, profiles.plans, switching: profiles.inForce?.name.text,
      gone: profiles.gone, dryRun: change.dryRun)
    try saved.restore(plan, to: datapath, in: session)
    try change.print(report, at: instance.root)
  }
}
