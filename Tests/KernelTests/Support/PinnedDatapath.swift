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
  init(sources: UInt32, drops: UInt32 = 256) throws {
    root = PinRoot(Aegisctl.randomRoot())
    let session = try Session.create(at: root, timeout: .seconds(5), dryRun: false)
    let request = Loader.Request(drops: drops, keys: 256, sources: sources)
    _ = try Loader(root).load(request, replace: false, in: session)
    datapath = try Datapath(at: root)
  }

  deinit { try? FileSystem.removeTree(root.path) }

  func descriptor(ofMap name: String) throws -> FileDescriptor {
    try AnyBPFMap(pinnedAt: root.current + "/" + name).descriptor.duplicate()
  }

  func loaded() throws -> LoadedDatapath {
    let loaded = try LoadedDatapath(
      BPFProgram(pinnedAt: root.program), of: self,
      lines: datapath.capacity().sources / AEGIS_WAYS)
    if case .tables(let tables) = loaded.entries.drops { try tables.pin(in: root.drops(.in)) }
    return loaded
  }

  /// Rates that give nothing back while a test runs.
  func set(_ rules: [RateRule]) throws {
    for rule in rules { try make(Plan(rates: .set([rule]), of: datapath)) }
  }

  func make(_ plan: Plan) throws {
    try PlanExecutor(datapath).run(plan, in: Session(at: root, timeout: .seconds(5)))
  }

  /// Forgets all debts.
  func reset() throws {
    try RateTable(datapath).reset(in: Session(at: root, timeout: .seconds(5)))
  }

  func clearRules() throws {
    for rule in try RateTable(datapath).rules() where rule.selector != .rest {
      try make(Plan(rates: .remove(rule.selector, isTotal: rule.isTotal), of: datapath))
    }
  }
}
