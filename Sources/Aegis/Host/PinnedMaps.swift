internal import BPF
internal import CAegis
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
  private var opened: [aegis_map: Opened] = [:]
  private var failure: AegisError?

  init(in directory: String) {
    self.directory = directory
  }

  /// Returns and clears the reason why a map could not be queried.
  func takeFailure() -> AegisError? {
    defer { failure = nil }
    return failure
  }

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
      return try table(map).map.lookUp(key, into: value) ? 0 : -ENOENT
    } catch {
      failure = AegisError(error)
      // An absent key is not an error, so this means a missing pin.
      return error.errno == ENOENT ? -ENODEV : -error.errno
    }
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
