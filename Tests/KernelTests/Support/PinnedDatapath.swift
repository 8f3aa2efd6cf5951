import BPF
import CAegis
import Linux
import TestSupport

@testable import Aegis

/// A datapath that the product loaded and pinned, gone with this value.
final class PinnedDatapath: Maps {
  let datapath: Datapath
  let root: PinRoot

  /// - Parameter sources: So few that they meet in the limiter's table.
  init(sources: UInt32) throws {
    root = PinRoot(Aegisctl.randomRoot())
    let session = try Session.create(at: root, timeout: .seconds(5), dryRun: false)
    let request = Loader.Request(drops: 256, keys: 256, sources: sources)
    _ = try Loader(root).load(request, replace: false, in: session)
    datapath = try Datapath(at: root)
  }

  deinit { try? FileSystem.removeTree(root.path) }

  func descriptor(ofMap name: String) throws -> FileDescriptor {
    try AnyBPFMap(pinnedAt: root.current + "/" + name).descriptor.duplicate()
  }

  func loaded() throws -> LoadedDatapath {
    try LoadedDatapath(
      BPFProgram(pinnedAt: root.program), of: self,
      lines: datapath.capacity().sources / AEGIS_WAYS)
  }

  /// Rates that give nothing back while a test runs.
  func set(_ rules: [RateRule]) throws {
    let session = try Session(at: root, timeout: .seconds(5))
    let table = RateTable(datapath)
    for rule in rules { _ = try table.set(rule, in: session) }
  }

  /// Forgets all debts.
  func reset() throws {
    try RateTable(datapath).reset(in: Session(at: root, timeout: .seconds(5)))
  }

  func clearRules() throws {
    let session = try Session(at: root, timeout: .seconds(5))
    let table = RateTable(datapath)
    for rule in try table.rules() where rule.selector != .rest {
      _ = try table.remove(rule.selector, isTotal: rule.isTotal, in: session)
    }
  }
}
