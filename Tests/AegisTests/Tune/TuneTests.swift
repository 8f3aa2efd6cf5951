import Foundation
import Testing

@testable import Aegis

@Suite("An interface is pinned to CPUs")
struct TuneTests {
  private func affinities(_ host: FakeHost, _ numbers: ClosedRange<Int>) throws -> [String] {
    try numbers.map { try host.text("/proc/irq/\($0)/smp_affinity_list") }
  }

  private func masks(_ host: FakeHost, _ name: String, _ file: String) throws -> [String] {
    let queue = file == "rps_cpus" ? "rx-" : "tx-"
    let path = "/sys/class/net/\(name)/queues"
    let names = try FileManager.default.contentsOfDirectory(atPath: host.root + path)
      .filter { $0.hasPrefix(queue) }.sorted()
    return try names.map { try host.text("\(path)/\($0)/\(file)") }
  }

  @Test(
    "whose queues take turns",
    arguments: [
      ("2", ["2", "2", "2", "2", "2"], ["4", "4", "4", "4"]),
      ("2,3", ["2", "2", "3", "2", "3"], ["4", "8", "4", "8"]),
      ("2-5", ["2", "2", "3", "4", "5"], ["4", "8", "10", "20"]),
      ("0-5", ["0", "0", "1", "2", "3"], ["11", "22", "4", "8"]),
    ])
  func card(cpus: String, affinity: [String], transmit: [String]) throws {
    let host = try FakeHost.card()
    let outcome = try host.tune.run("eth1", cpus: CPUList(cpus))
    #expect(outcome.errors.isEmpty)
    #expect(try affinities(host, 40...44) == affinity)
    #expect(try masks(host, "eth1", "xps_cpus") == transmit)
    // Off, and the interrupts say where the work is done.
    #expect(try masks(host, "eth1", "rps_cpus") == ["00", "00", "00", "00"])
    // Of another card.
    #expect(try host.text("/proc/irq/50/smp_affinity_list") == "0-7")
  }

  @Test("and RPS that is on follows")
  func steeringOn() throws {
    let host = try FakeHost.card()
    try host.queues(of: "eth1", 4, rps: "ff")
    _ = try host.tune.run("eth1", cpus: CPUList("2,3"))
    #expect(try masks(host, "eth1", "rps_cpus") == ["c", "c", "c", "c"])
  }

  @Test("a virtio one by its queues' names, its interrupts being the PCI device's")
  func virtio() throws {
    let host = try FakeHost()
    try host.interface("eth0", index: 2)
    try host.queues(of: "eth0", 2)
    try host.link(
      "/sys/class/net/eth0/device", to: "../../../devices/0000:00:03.0/virtio2")
    try host.file("/sys/devices/0000:00:03.0/virtio2/vendor", "0x1af4")
    for number in 30...34 { try host.file("/sys/devices/0000:00:03.0/msi_irqs/\(number)", "msix") }
    try host.interrupts([
      30: "virtio2-config", 31: "virtio2-input.0", 32: "virtio2-output.0", 33: "virtio2-input.1",
      34: "virtio2-output.1", 35: "virtio21-input.0",
    ])
    _ = try host.tune.run("eth0", cpus: CPUList("4,5"))
    #expect(try affinities(host, 30...35) == ["4", "4", "4", "5", "5", "0-7"])
  }

  @Test(
    "of those interrupts that are named after it",
    arguments: [
      ("eth1", true), ("eth1-rx-0", true), ("usb1, eth1", true), ("0000:03:00.0", true),
      ("veth1", false), ("eth10", false), ("eth", false), ("mmc0", false),
    ])
  func named(taker: String, isOurs: Bool) throws {
    let host = try FakeHost.card()
    try FileManager.default.removeItem(atPath: host.root + "/sys/devices/0000:03:00.0/msi_irqs")
    try host.file("/sys/devices/0000:03:00.0/vendor", "0x8086")
    try host.interrupts([60: taker])
    let outcome = try host.tune.run("eth1", cpus: CPUList("3"))
    #expect(outcome.changes.contains { $0.subject.hasPrefix("interrupt 60 ") } == isOurs)
    #expect(try host.text("/proc/irq/60/smp_affinity_list") == (isOurs ? "3" : "0-7"))
  }

  @Test("that has no interrupts, by RPS alone; a single transmit queue has no XPS")
  func virtual() throws {
    let host = try FakeHost()
    try host.interface("veth1", index: 9)
    try host.queues(of: "veth1", 1, xps: nil)
    let outcome = try host.tune.run("veth1", cpus: CPUList("2-3,5"))
    #expect(outcome.changes.map(\.after) == ["2c"])
    #expect(try masks(host, "veth1", "rps_cpus") == ["2c"])
  }

  @Test("once: the second time nothing changes, by whatever zeros")
  func idempotent() throws {
    let host = try FakeHost.card()
    #expect(try host.tune.run("eth1", cpus: CPUList("2")).isChanged)
    for queue in 0..<4 {
      try host.file("/sys/class/net/eth1/queues/tx-\(queue)/xps_cpus", "00000000,00000004")
    }
    let before = try host.contents()
    let again = try host.tune.run("eth1", cpus: CPUList("2"))
    #expect(!again.isChanged && again.undo.isEmpty)
    #expect(again.changes.count == 9)
    #expect(try host.contents() == before)
  }

  @Test("and back, by a shell that runs what was printed")
  func undo() throws {
    let host = try FakeHost.card()
    try host.queues(of: "eth1", 4, rps: "00000000,000000ff", xps: "f0")
    let before = try host.contents()
    let planned = try host.tune.run("eth1", cpus: CPUList("2"), isDryRun: true)
    #expect(try host.contents() == before)
    let done = try host.tune.run("eth1", cpus: CPUList("2"))
    #expect(done.undo == planned.undo && done.undo.count == 13)
    #expect(try host.contents() != before)
    let shell = try Process.run(
      URL(filePath: "/bin/sh"), arguments: ["-ec", done.undo.joined(separator: "\n")])
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 0)
    #expect(try host.contents() == before)
  }

  @Test("in words that a shell does not take apart")
  func shellWords() throws {
    #expect("\(ShellWord("/proc/irq/24/x-y_z"))" == "/proc/irq/24/x-y_z")
    #expect("\(ShellWord("a$(reboot)"))" == "'a$(reboot)'")
    #expect("\(ShellWord("a'b"))" == #"'a'\''b'"#)
    #expect("\(ShellWord(""))" == "''")
    #expect("\(ShellWord(#"/sys/\xff1"#))" == #""$(printf '/sys/\3771')""#)
    #expect("\(ShellWord(#"-%'\xfe"#))" == #""$(printf '\055\045\047\376')""#)
  }

  @Test("only in part where the kernel manages an interrupt: the others are pinned")
  func managed() throws {
    let host = try FakeHost.card()
    // There, but for writing: EIO, as from the kernel manages the CPUs of this interrupt.
    try host.link("/proc/irq/42/smp_affinity_list", to: "/proc/version")
    let outcome = try host.tune.run("eth1", cpus: CPUList("2"))
    #expect(outcome.errors.map(\.kind) == [.kernelRefused])
    #expect(
      outcome.errors.first?.message.contains("the kernel manages the CPUs of this interrupt")
        == true)
    #expect(outcome.changes.filter { $0.action == .refused }.map(\.path.last) == ["t"])
    #expect(outcome.changes.count { $0.action == .pinned } == 8)
    #expect(try host.text("/proc/irq/44/smp_affinity_list") == "2")
    #expect(!outcome.undo.contains { $0.contains("/proc/irq/42/") })
  }

  @Test("no further than a file that cannot be written, with the way back")
  func readOnly() throws {
    let host = try FakeHost.card()
    // Whoever asks, this one is read-only.
    try host.link("/proc/irq/42/smp_affinity_list", to: "/proc/sys/kernel/cap_last_cap")
    let outcome = try host.tune.run("eth1", cpus: CPUList("2"))
    #expect(outcome.errors.map(\.kind) == [.notPermitted])
    #expect(
      outcome.changes.prefix(5).map(\.action) == [.pinned, .pinned, .refused, .untried, .untried])
    #expect(
      outcome.undo
        == [40, 41].map { "echo 0-7 > \(host.root)/proc/irq/\($0)/smp_affinity_list" })
    #expect(try host.text("/proc/irq/43/smp_affinity_list") == "0-7")
  }

  @Test(
    "but not to those that are offline or not there, and then nothing changes",
    arguments: [
      ("2,6-7", "cannot pin to CPUs 6-7, which are offline"),
      ("7", "cannot pin to CPU 7, which is offline"),
      ("8", "this host has no CPU 8"), ("0,6,9-10", "this host has no CPUs 9-10"),
    ])
  func unusable(cpus: String, message: String) throws {
    let host = try FakeHost.card()
    let before = try host.contents()
    let error = #expect(throws: AegisError.self) {
      try host.tune.run("eth1", cpus: CPUList(cpus))
    }
    #expect(error?.kind == .badInput)
    #expect(error?.message == message)
    #expect(error?.hint == "online CPUs: 0-5")
    #expect(try host.contents() == before)
  }
}
