import Foundation
import Linux

@testable import Aegis

/// A `/proc` and `/sys` below a directory of its own, which goes with the value.
final class FakeHost {
  let root = NSTemporaryDirectory() + "aegis-tune-\(UInt64.random(in: 0 ... .max))"
  private var indices: [String: UInt32] = [:]
  private var addresses: [String: [UInt8]] = [:]

  /// Of CPUs 0 to 7, of which 6 and 7 are offline.
  init() throws {
    try file("/sys/devices/system/cpu/present", "0-7")
    try file("/sys/devices/system/cpu/online", "0-5")
    try file("/sys/devices/system/cpu/isolated", "")
    try file("/sys/devices/system/cpu/nohz_full", "(null)")
    try file("/proc/cmdline", "quiet")
    try file("/proc/interrupts", "CPU0 CPU1")
    try interface("lo", index: 1, address: [0, 0, 0, 0, 0, 0])
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  var tune: Tune {
    let visible = VisibleInterfaces(indices: indices, addresses: addresses)
    return Tune(files: SystemFiles(root: root), interfaces: { _ in visible })
  }

  func file(_ path: String, _ line: String) throws {
    try makeParent(of: path)
    try Data((line + "\n").utf8).write(to: URL(filePath: root + path))
  }

  func link(_ path: String, to target: String) throws {
    try makeParent(of: path)
    try? FileManager.default.removeItem(atPath: root + path)
    try FileManager.default.createSymbolicLink(atPath: root + path, withDestinationPath: target)
  }

  func text(_ path: String) throws -> String {
    try String(contentsOfFile: root + path, encoding: .utf8)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// All there is, by path.
  func contents() throws -> [String: String] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root)
    return paths.reduce(into: [:]) { $0[$1] = try? text("/" + $1) }
  }

  func interface(_ name: String, index: UInt32, address: [UInt8] = [2, 0, 0, 0, 0, 0x1f]) throws {
    indices[name] = index
    addresses[name] = address
    let text = address.map { String(format: "%02x", $0) }.joined(separator: ":")
    try file("/sys/class/net/\(name)/ifindex", "\(index)")
    try file("/sys/class/net/\(name)/address", text)
  }

  func queues(of name: String, _ count: Int, rps: String = "00", xps: String? = "00") throws {
    for queue in 0..<count {
      try file("/sys/class/net/\(name)/queues/rx-\(queue)/rps_cpus", rps)
      guard let xps else { continue }
      try file("/sys/class/net/\(name)/queues/tx-\(queue)/xps_cpus", xps)
    }
  }

  /// Sets up interrupts by their numbers, as `/proc` shows them.
  func interrupts(_ names: [Int: String], affinity: String = "0-7") throws {
    let lines = names.sorted { $0.key < $1.key }.map { number, name in
      " \(number):   11    0  PCI-MSIX-0000:03:00.0  \(number)-edge      \(name)"
    }
    let header = "           CPU0       CPU1"
    try file(
      "/proc/interrupts", ([header] + lines + ["LOC: 1 2 Local timer"]).joined(separator: "\n"))
    for number in names.keys { try file("/proc/irq/\(number)/smp_affinity_list", affinity) }
  }

  /// A card of four queues and an interrupt for what is not a queue's.
  static func card() throws -> FakeHost {
    let host = try FakeHost()
    try host.interface("eth1", index: 3)
    try host.queues(of: "eth1", 4)
    try host.link("/sys/class/net/eth1/device", to: "../../../devices/0000:03:00.0")
    var names = [40: "i40e-0000:03:00.0:misc", 50: "eth10-TxRx-0"]
    for queue in 0..<4 { names[41 + queue] = "i40e-eth1-TxRx-\(queue)" }
    for number in 40...44 {
      try host.file("/sys/devices/0000:03:00.0/msi_irqs/\(number)", "msix")
    }
    try host.interrupts(names)
    return host
  }

  private func makeParent(of path: String) throws {
    let parent = (root + path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
  }
}
