internal import BPF
internal import CAegis
internal import Linux

/// The packets of a class, on all interfaces, since the class was defined.
public struct ClassCounts: Sendable {
  /// nil for packets without a class: they are not IP, or their headers could not be read.
  public let name: ClassName?
  public var passed = Count()
  public var dropped = Count()
  /// Packets that would be dropped without monitoring.
  public var wouldDrop = Count()

  public init(_ name: ClassName?) {
    self.name = name
  }
}

extension ClassTable {
  /// The counts of all classes by name, and then of packets without a class; empty where nothing asks for classes.
  public func counts() throws(AegisError) -> [ClassCounts] {
    if try Settings.read(datapath).stages & aegis_stage.classes == 0 { return [] }
    let names = try names().sorted { $0.value < $1.value }
    let rows = names.map { (number: $0.key, name: Optional($0.value)) } + [(0, nil)]
    return try kernel { () throws(SystemError) in
      let map = try PerCPUMap<aegis_class_counters>(
        pinnedAt: datapath.pin(of: AEGIS_MAP_class_counters))
      return try rows.map { number, name throws(SystemError) in
        var counts = ClassCounts(name)
        for cpu in try map.values(at: number) {
          counts.passed += Count(cpu.verdict.0)
          counts.dropped += Count(cpu.verdict.1)
          counts.wouldDrop += Count(cpu.would_drop)
        }
        return counts
      }
    }
  }
}

extension Count {
  init(_ counter: aegis_counter) {
    self.init(packets: counter.packets, bytes: counter.bytes)
  }
}
