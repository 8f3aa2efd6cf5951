import Glibc

/// The interfaces of the calling thread's network namespace, which sysfs may not show.
public enum Interface {
  /// The index of an interface, nil if there is none of that name.
  ///
  /// The corresponding C function is `if_nametoindex`.
  public static func index(of name: String) -> UInt32? {
    let index = if_nametoindex(name)
    return index == 0 ? nil : index
  }

  /// The name of an interface, nil if there is none of that index.
  ///
  /// The corresponding C function is `if_indextoname`.
  public static func name(of index: UInt32) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { buffer in
      if_indextoname(index, buffer.baseAddress).map { String(cString: $0) }
    }
  }

  /// All interfaces.
  ///
  /// The corresponding C function is `if_nameindex`.
  public static func all() -> [(index: UInt32, name: String)] {
    guard let list = if_nameindex() else { return [] }
    defer { if_freenameindex(list) }
    var interfaces: [(index: UInt32, name: String)] = []
    var entry = list
    while let name = entry.pointee.if_name {
      interfaces.append((entry.pointee.if_index, String(cString: name)))
      entry += 1
    }
    return interfaces
  }

  static func description(of index: UInt32) -> String {
    name(of: index) ?? "interface \(index)"
  }
}
