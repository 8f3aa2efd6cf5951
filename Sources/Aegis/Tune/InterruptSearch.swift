internal import Linux

/// Finds the interrupts of an interface.
struct InterruptSearch {
  let interface: String
  /// The device's name for itself, `0000:03:00.0` or `virtio2`; nil for a virtual interface.
  let device: String?
  let files: SystemFiles

  /// In numeric order; interrupts that are not set up are left out.
  func settings() -> [CPUSetting] {
    guard device != nil else { return [] }
    let named = names()
    let numbers = messageSignalled() ?? named.filter { isOurs($0.value) }.map(\.key)
    return numbers.sorted().compactMap { number in
      let path = "/proc/irq/\(number)/smp_affinity_list"
      guard let text = files.line(path) else { return nil }
      let name = named[number]
      return CPUSetting(
        subject: "interrupt \(number)" + (name.map { " (\($0))" } ?? ""), path: path, form: .list,
        text: text, queue: name.flatMap(queue))
    }
  }

  /// The interrupts assigned to the device; nil if it has no message-signalled ones. A virtio device uses those of its
  /// PCI device.
  private func messageSignalled() -> [Int]? {
    let directory = "/sys/class/net/\(interface)/device"
    let isVirtio = device?.hasPrefix("virtio") == true
    for path in ["\(directory)/msi_irqs"] + (isVirtio ? ["\(directory)/../msi_irqs"] : []) {
      let numbers = ((try? files.list(path)) ?? []).compactMap { Int($0) }
      if !numbers.isEmpty { return numbers }
    }
    return nil
  }

  /// The handlers of each interrupt, as named in `/proc/interrupts`.
  private func names() -> [Int: String] {
    let lines = ((try? files.read("/proc/interrupts")) ?? "").split(separator: "\n")
    guard let cpus = lines.first?.split(separator: " ").count else { return [:] }
    return lines.dropFirst().reduce(into: [:]) { names, line in
      let words = line.split(separator: " ")
      guard let number = words.first.flatMap({ Int($0.dropLast()) }) else { return }
      // The counts, the controller and its pin come first; several handlers are separated by commas.
      let takers = words.dropFirst(1 + cpus).drop { !$0.hasSuffix(",") && $0 != words.last }
      if !takers.isEmpty { names[number] = takers.joined(separator: " ") }
    }
  }

  /// `eth0`, `eth0-rx-0` and `i40e-eth0-TxRx-0` belong to eth0, `veth0` and `eth01` do not.
  private func isOurs(_ name: String) -> Bool {
    [interface, device].compactMap(\.self).contains { word in
      name.ranges(of: word).contains { range in
        let neighbours = [name[..<range.lowerBound].last, name[range.upperBound...].first]
        return !neighbours.contains { $0?.isLetter == true || $0?.isNumber == true }
      }
    }
  }

  /// The number at the end of a queue's interrupt name, as in `eth0-TxRx-3`, `virtio2-input.3` and `mlx5_comp3@pci:…`.
  private func queue(_ name: String) -> Int? {
    let name = String(name[...].split(at: "@").before)
    if name == interface || name == device { return nil }
    let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }
    return Int(String(digits.reversed()))
  }
}
