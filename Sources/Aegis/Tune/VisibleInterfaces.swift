internal import Linux

/// The interfaces of the caller's network namespace. sysfs may show those of another namespace: the one it was mounted
/// in. Tests create their own values.
struct VisibleInterfaces: Sendable {
  /// By name.
  var indices: [String: UInt32]
  /// Hardware addresses by name.
  var addresses: [String: [UInt8]]

  /// - Parameter name: The interface whose hardware address is needed.
  static func read(_ name: String) -> VisibleInterfaces {
    let all = Interface.all().map { ($0.name, $0.index) }
    let indices = Dictionary(all, uniquingKeysWith: { first, _ in first })
    let address = indices[name].flatMap { try? LinkInfo.of($0)?.hardwareAddress }
    return VisibleInterfaces(indices: indices, addresses: address.map { [name: $0] } ?? [:])
  }

  /// Checks that sysfs shows the interface of that name, and not one of the same name in another namespace. That one
  /// may even have the same index, since every namespace counts from 1.
  ///
  /// - Throws: `notLoaded` if there is no such interface, or sysfs does not show it.
  func check(_ name: String, in files: SystemFiles) throws(AegisError) {
    guard indices[name] != nil else { throw Interfaces.noInterface(name) }
    let directory = "/sys/class/net"
    let names = (try? files.list(directory)) ?? []
    let shown = names.compactMap { name in
      files.line("\(directory)/\(name)/ifindex").flatMap { UInt32($0) }.map { (name, $0) }
    }
    let address = files.line("\(directory)/\(name)/address")
    if Dictionary(uniqueKeysWithValues: shown) == indices, address == text(of: name) { return }
    throw AegisError(
      .notLoaded, "/sys shows another network namespace than the one of \(name)",
      hint: "ip netns exec NAMESPACE aegisctl tune \(ShellWord(name)), which mounts the right /sys")
  }

  /// The address in the format of sysfs.
  private func text(of name: String) -> String? {
    addresses[name].map { address in
      address.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
  }
}
