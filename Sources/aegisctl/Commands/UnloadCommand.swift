import Aegis
import ArgumentParser

struct UnloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "unload", usage: "[options]",
    abstract: "Remove the datapath and everything it holds.",
    discussion: """
      Removes every pin; policy and counters are lost. Refuses while an interface is attached, unless --force \
      detaches it first. --force also removes anything else in the pin root: pins of other versions, damaged \
      pins and other files, but no other instance. It names what it could not detach.

      EXAMPLES
          # stop filtering and forget everything
          aegisctl unload --force
      """)

  @Flag(
    name: .long, help: "Detach interfaces first, and remove anything else in the pin root.")
  var force = false

  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    try change.print(
      ChangeReport(
        [(instance.root.path, try unload() ? "unloaded" : "unchanged")], dryRun: change.dryRun),
      at: instance.root)
  }

  /// Succeeds if there is nothing to unload.
  private func unload() throws -> Bool {
    guard try instance.root.exists else { return false }
    do {
      return try unloadNow()
    } catch let error as AegisError where error.kind == .notLoaded {
      // Another unload was faster.
      if try instance.root.exists { throw error }
      return false
    }
  }

  private func unloadNow() throws -> Bool {
    let session = try change.session(at: instance.root)
    return try Loader(instance.root).unload(force: force, in: session)
  }
}
