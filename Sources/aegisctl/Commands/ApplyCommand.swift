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
          # a schema for editors
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
      throw ValidationError("give a policy with --file, or use --schema")
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
    var report = PlanReport(plan, dryRun: change.dryRun)
    report.confirmation = try confirm.run(plan, on: datapath, in: session, change)
    try change.print(report)
  }
}
