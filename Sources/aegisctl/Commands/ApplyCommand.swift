import Aegis
import ArgumentParser

struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "apply", usage: "[options] -f <file> | --schema",
    abstract: "Make the policy what a file declares.",
    discussion: """
      Compares the file with what the datapath holds and changes what differs, in batches and in an order in \
      which every packet gets the verdict that it had before or will have after. Entries that are as declared \
      keep their hits. What the file does not declare stays; with --prune what its lists do not have goes. \
      Killed half-way, the same command finishes what is left.

      With --confirm-within the policy before is kept, pinned, and everything passes once that time is over \
      without 'aegisctl confirm'. The deadline is printed on standard error. 'aegisctl rollback', or the next \
      command that changes something, then brings it back.

      The file is YAML or JSON, as aegis-policy(5) describes and 'dump -o yaml' writes.

      A policy that would cut off an SSH session, a gateway, a name server, a DHCP lease or a tunnel is \
      refused. While nothing is attached, a warning says what attach will refuse.

      EXAMPLES
          # keep what is there, and come back to it later
          aegisctl dump -o yaml | tee policy.yaml
          aegisctl apply -f policy.yaml --prune
          # what would change?
          aegisctl apply -f /etc/aegis --prune --dry-run
          # a short one
          printf 'apiVersion: aegis/v1\\nkind: Policy\\nspec: {drops: [192.0.2.7]}\\n' |
              aegisctl apply -f -
          # from afar
          aegisctl apply -f policy.yaml --prune --confirm-within 60s &&
              aegisctl confirm
          # for editors
          aegisctl apply --schema | tee policy.schema.json
      """)

  @OptionGroup var policy: PolicyOptions

  @Flag(name: .long, help: "Print the JSON Schema of a policy instead.")
  var schema = false

  @OptionGroup var confirm: ConfirmOptions

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if schema != policy.file.isEmpty {
      throw ValidationError("name a policy with --file, or give --schema")
    }
  }

  func run() throws {
    if schema { return try StandardOutput.write(JSONText.pretty(PolicySchema())) }
    let wanted = try PolicyFiles.read(policy.file)
    let session = try change.session(at: instance.root)
    let datapath = try session.datapath()
    let plan = try policy.plan(wanted, at: datapath)
    try lockOut.request.check(plan, to: datapath)
    try lockOut.request.warn(of: plan, to: datapath)
    if let confirmWithin = confirm.confirmWithin, !plan.isEmpty {
      try SavedPolicy(at: instance.root).save(datapath, in: session)
      try PlanExecutor(datapath).run(plan.confirmed(within: confirmWithin), in: session)
    } else {
      try PlanExecutor(datapath).run(plan, in: session)
    }
    var report = PlanReport(plan, dryRun: change.dryRun)
    if confirm.confirmWithin != nil, !change.dryRun || plan.isEmpty {
      report.confirmation = try Confirmation(datapath, at: instance.root)
      if !change.output.quiet { Confirmation.report(report.confirmation, changed: !plan.isEmpty) }
    }
    try change.print(report)
  }
}
