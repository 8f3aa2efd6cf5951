import Aegis

struct LoadReport: ChangeReporting {
  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "Load"
    let changed: Bool
    let dryRun: Bool
    let action: String
    let pinRoot: String
    let capacity: CapacityObject
    let memoryBytes: UInt64?
    /// Packets per second from new sources that it absorbs before some share a bucket; absent without a rate.
    let absorbsPerSecond: Double?
  }

  let root: PinRoot
  let outcome: Loader.Outcome
  /// The default rates for each source.
  let rates: [Rate]
  let isDryRun: Bool

  var object: Object {
    Object(
      changed: outcome.action != .unchanged, dryRun: isDryRun, action: outcome.action.rawValue,
      pinRoot: root.path, capacity: CapacityObject(outcome.capacity), memoryBytes: outcome.memory,
      absorbsPerSecond: absorbed)
  }

  /// Determined by the slowest rate, whose packets are owed longest.
  private var absorbed: Double? { rates.map(outcome.capacity.absorbs).min() }

  var isChanged: Bool { object.changed }

  var names: [String] { [root.path] }

  func table(wide: Bool) -> Table {
    let memory = outcome.memory.map { "\(ByteCount.format($0)) of kernel memory" }
    let room = outcome.capacity
    let action = outcome.action.rawValue + (isDryRun ? " (dry run)" : "")
    let absorbed = absorbed.map {
      [
        "absorbs",
        "\(UInt64($0)) new sources a second at the default rate before one packet in 1000 shares a bucket",
      ]
    }
    return Table(
      ["", ""],
      rows: [
        ["\(root)", [action, memory].compactMap(\.self).joined(separator: ", ")],
        [
          "room for",
          "\(room.drops) drops, \(room.keys) keys, \(room.sources) limited sources, \(room.users) users",
        ],
      ] + (absorbed.map { [$0] } ?? []))
  }
}

struct CapacityObject: Encodable {
  let drops: UInt32
  let keys: UInt32
  let sources: UInt32
  let users: UInt32

  init(_ capacity: Capacity) {
    drops = capacity.drops
    keys = capacity.keys
    sources = capacity.sources
    users = capacity.users
  }
}
