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

  private let directory: String
  private let geo: String
  private var opened: [aegis_map: Opened] = [:]
  /// Tables of countries, which remain mapped because their nodes were given away.
  private var tables: [MappedArray] = []
  private var failure: AegisError?

  init(of datapath: Datapath) {
    directory = datapath.directory
    geo = datapath.root.geo
  }

  /// Returns and clears the reason why a map could not be queried.
  func takeFailure() -> AegisError? {
    defer { failure = nil }
    return failure
  }

  /// Unmaps tables of countries that are no longer used.
  func forgetTables() { tables = [] }

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
      if map == AEGIS_MAP_geo { return try lookUpGeo(key, into: value) }
      return try table(map).map.lookUp(key, into: value) ? 0 : -ENOENT
    } catch {
      failure = AegisError(error)
      // An absent key is not an error, so this means a missing pin.
      return error.errno == ENOENT ? -ENODEV : -error.errno
    }
  }

  /// The nodes of a table of countries, by its own pin: opening a map by number needs CAP_SYS_ADMIN.
  private func lookUpGeo(
    _ key: UnsafeRawPointer, into value: UnsafeMutableRawPointer
  ) throws(SystemError) -> Int32 {
    let pin = GeoPin(index: key.loadUnaligned(as: UInt32.self))
    let path = geo + "/" + pin.name
    guard try FileSystem.exists(path) else { return -ENOENT }
    let array = try MappedArray(pinnedAt: path, valueSize: MemoryLayout<aegis_geo_node>.size)
    tables.append(array)
    let nodes = array.bytes.bindMemory(to: aegis_geo_node.self)
    var found = aegis_host_nodes()
    found.node = nodes.baseAddress
    found.count = UInt32(nodes.count)
    value.storeBytes(of: found, as: aegis_host_nodes.self)
    return 0
  }

  private func table(_ map: aegis_map) throws(SystemError) -> Opened {
    if let known = opened[map] { return known }
    let table = try Opened(map.pin(in: directory))
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
