import Aegis
import ArgumentParser

/// Whether a change undoes itself unless it is confirmed.
struct ConfirmOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Let everything pass after this time, unless confirmed first.", valueName: "duration"),
    transform: DurationArgument.parse)
  var confirmWithin: Duration?

  /// Carries out a plan that the guard allows. With `--confirm-within` it saves the previous policy, and the plan
  /// waits to be confirmed.
  ///
  /// - Parameter changesMore: Whether another change follows that also waits to be confirmed.
  /// - Returns: The change that waits to be confirmed now; nil without `--confirm-within`.
  func run(
    _ plan: Plan, changesMore: Bool = false, on datapath: Datapath, in session: borrowing Session,
    _ change: ChangeOptions
  ) throws -> Confirmation? {
    let isChange = !plan.isEmpty || changesMore
    let executor = PlanExecutor(datapath)
    guard let confirmWithin else {
      try executor.run(plan, in: session)
      try Confirmation.warnIfOverdue(datapath)
      return nil
    }
    if !isChange {
      try executor.run(plan, in: session)
    } else {
      try SavedPolicy(at: session.root).save(datapath, in: session)
      try executor.run(plan.toBeConfirmed(within: confirmWithin), in: session)
    }
    if change.dryRun, isChange { return nil }
    let confirmation = try Confirmation(datapath, at: session.root)
    if !change.output.quiet { Confirmation.report(confirmation, changed: isChange) }
    return confirmation
  }
}
