import Aegis

struct LoadReport: Report {
  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "Load"
    let changed: Bool
    let dryRun: Bool
    let action: String
    let pinRoot: String
    let capacity: CapacityObject
    let memoryBytes: UInt64?
  }

  let root: PinRoot
  let outcome: Loader.Outcome
  let isDryRun: Bool

  var object: Object {
    Object(
      changed: outcome.action != .unchanged, dryRun: isDryRun, action: outcome.action.rawValue,
      pinRoot: root.path, capacity: CapacityObject(outcome.capacity), memoryBytes: outcome.memory)
  }

  var names: [String] { [root.path] }

  func table(wide: Bool) -> Table {
    let memory = outcome.memory.map { "\(ByteCount.format($0)) of kernel memory" }
    let room = outcome.capacity
    let action = outcome.action.rawValue + (isDryRun ? " (dry run)" : "")
    return Table(
      ["", ""],
      rows: [
        ["\(root)", [action, memory].compactMap(\.self).joined(separator: ", ")],
        ["room for", "\(room.drops) drops, \(room.keys) keys, \(room.sources) limited sources"],
      ])
  }
}

struct CapacityObject: Encodable {
  let drops: UInt32
  let keys: UInt32
  let sources: UInt32

  init(_ capacity: Capacity) {
    drops = capacity.drops
    keys = capacity.keys
    sources = capacity.sources
  }
}
