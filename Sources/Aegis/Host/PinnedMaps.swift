internal import BPF
internal import CAegis
internal import CHost
internal import Glibc
internal import Linux

/// The maps of a loaded datapath; each is opened when it is first queried.
final class PinnedMaps {
  private final class Opened {
    let map: AnyBPFMap

    init(_ path: String) throws(SystemError) {
      map = try AnyBPFMap(pinnedAt: path)
    }
  }

  let datapath: Datapath
  private let place: DropPlace
  private let rules: RulePlace
  private var opened: [aegis_map: Opened] = [:]
  /// Tables, which remain mapped because their nodes were given away.
  private var tables: [MappedArray] = []
  private var drops: [UInt32: PrefixTable] = [:]
  private var failure: AegisError?

  init(of datapath: Datapath) {
    self.datapath = datapath
    place = DropPlace(datapath)
    rules = RulePlace(datapath)
  }

  /// Returns and clears the reason why a map could not be queried.
  func takeFailure() -> AegisError? {
    defer { failure = nil }
    return failure
  }

  /// Unmaps what is no longer used.
  func forgetTables() { (tables, drops) = ([], [:]) }

  /// An `aegis_host_below`; its context is an instance of this class.
  static let lookUp:
    @convention(c) (
      UnsafeMutableRawPointer?, aegis_map, UnsafeRawPointer?, UnsafeMutableRawPointer?
    ) -> Int32 = { context, map, key, value in
      guard let context, let key, let value else { return -EINVAL }
      let maps = Unmanaged<PinnedMaps>.fromOpaque(context).takeUnretainedValue()
      return maps.lookUp(key, in: map, into: value)
    }

  private func lookUp(
    _ key: UnsafeRawPointer, in map: aegis_map, into value: UnsafeMutableRawPointer
  ) -> Int32 {
    do {
      let index = { InnerPin(index: key.loadUnaligned(as: UInt32.self)) }
      switch map {
      case AEGIS_MAP_geo: return try lookUpGeo(index(), into: value)
      case AEGIS_MAP_drop: try drops(index()).nodes.store(in: value)
      case AEGIS_MAP_rules:
        let set = try rules.array(index())
        tables.append(set)
        aegis_host_nodes(set.memory, bytes: set.size).store(in: value)
      // As it lies in the table: a caller without the lock may find another one in the map by now.
      case AEGIS_MAP_drop_head:
        value.storeBytes(of: try drops(index()).head.pointee, as: aegis_prefix_head.self)
      default: return try table(map).map.lookUp(key, into: value) ? 0 : -ENOENT
      }
      return 0
    } catch {
      failure = AegisError(error)
      // An absent key is not an error, so this means a missing pin.
      return error.errno == ENOENT ? -ENODEV : -error.errno
    }
  }

  /// The nodes of a table of countries, by its own pin: opening a map by number needs CAP_SYS_ADMIN.
  private func lookUpGeo(
    _ pin: InnerPin, into value: UnsafeMutableRawPointer
  ) throws(SystemError) -> Int32 {
    let path = datapath.root.geo + "/" + pin.name
    guard try FileSystem.exists(path) else { return -ENOENT }
    let array = try MappedArray(pinnedAt: path, valueSize: MemoryLayout<aegis_host_node>.size)
    tables.append(array)
    aegis_host_nodes(array.memory, bytes: array.size).store(in: value)
    return 0
  }

  /// A table of the drop list, for reading.
  func drops(_ pin: InnerPin) throws(SystemError) -> PrefixTable {
    if let known = drops[pin.index] { return known }
    let table = try place.open(pin, forWriting: false)
    drops[pin.index] = table
    return table
  }

  private func table(_ map: aegis_map) throws(SystemError) -> Opened {
    if let known = opened[map] { return known }
    let table = try Opened(datapath.pin(of: map))
    let info = try table.map.info()
    // A value for each CPU would not fit into the destination.
    guard info.keySize == Int(map.row.key_size), info.valueSize == map.row.value_size,
      info.type == map.row.type, !info.isPerCPU
    else {
      throw SystemError(operation: "use map", subject: map.name, errno: EINVAL)
    }
    opened[map] = table
    return table
  }
}

extension PrefixTable {
  var nodes: aegis_host_nodes { aegis_host_nodes(elements, bytes: size) }
}

extension aegis_host_nodes {
  /// - Parameter bytes: Of all nodes.
  init(_ nodes: UnsafeRawPointer, bytes: Int) {
    self.init(
      node: nodes.assumingMemoryBound(to: aegis_host_node.self),
      count: UInt32(bytes / MemoryLayout<aegis_host_node>.size), pad: 0)
  }

  fileprivate func store(in value: UnsafeMutableRawPointer) {
    value.storeBytes(of: self, as: aegis_host_nodes.self)
  }
}
