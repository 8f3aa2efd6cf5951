import Testing

@testable import Aegis

@Suite("Findings about the CPUs of an interface")
struct TuneCheckTests {
  private func problems(_ host: FakeHost, cpus: String?) throws -> [String: Finding] {
    let outcome = try host.tune.run(
      "eth1", cpus: try cpus.map { try CPUList($0) }, isDryRun: true)
    let found = outcome.findings.filter { $0.level != .ok }.map { ($0.check, $0) }
    return Dictionary(uniqueKeysWithValues: found)
  }

  @Test("are none where nothing was chosen, and nothing is written")
  func lookOnly() throws {
    let host = try FakeHost.card()
    let before = try host.contents()
    let outcome = try host.tune.run("eth1")
    #expect(outcome.findings.allSatisfy { $0.level == .ok })
    #expect(outcome.findings.first?.message == "5, on CPUs 0-7 now")
    #expect(outcome.changes.isEmpty)
    #expect(try host.contents() == before)
  }

  @Test("name what does not isolate them")
  func isolation() throws {
    let host = try FakeHost.card()
    let checks = ["isolcpus", "nohz_full", "rcu_nocbs"]
    #expect(try problems(host, cpus: "2,3").keys.sorted() == checks)
    try host.file("/sys/devices/system/cpu/isolated", "2-5")
    #expect(try problems(host, cpus: "2,3").keys.sorted() == ["nohz_full", "rcu_nocbs"])
    try host.file("/proc/cmdline", "quiet rcu_nocbs=3 isolcpus=2-5")
    let found = try problems(host, cpus: "2,3")["rcu_nocbs"]
    #expect(found?.message == "CPU 3, but not CPU 2")
    #expect(found?.reason?.contains("boot with rcu_nocbs=2-3 ") == true)
    // Which brings the other with it.
    try host.file("/sys/devices/system/cpu/nohz_full", "2-3")
    #expect(try problems(host, cpus: "2,3").isEmpty)
    try host.file("/sys/devices/system/cpu/nohz_full", "(null)")
    try host.file("/proc/cmdline", "rcu_nocbs=all")
    #expect(try problems(host, cpus: "2,3").keys.sorted() == ["nohz_full"])
  }

  @Test("tell of an irqbalance that runs")
  func irqbalance() throws {
    let host = try FakeHost.card()
    try host.file("/proc/77/comm", "irqbalance-ui")
    #expect(try problems(host, cpus: nil).isEmpty)
    try host.file("/proc/78/comm", "irqbalance")
    #expect(
      try problems(host, cpus: nil)["irqbalance"]?.fix == "systemctl disable --now irqbalance")
  }

  @Test("tell of a governor that slows one of them down")
  func governor() throws {
    let host = try FakeHost.card()
    for (cpu, governor) in [(2, "performance"), (3, "powersave"), (4, "powersave")] {
      try host.file("/sys/devices/system/cpu/cpu\(cpu)/cpufreq/scaling_governor", governor)
    }
    #expect(try problems(host, cpus: "2")["governor"] == nil)
    let found = try problems(host, cpus: "2,3")["governor"]
    #expect(found?.fix == "cpupower -c 3 frequency-set -g performance")
  }

  @Test(
    "tell of idle states that take long to leave",
    arguments: [("9", "0", false), ("10", "0", true), ("133", "0", true), ("133", "1", false)])
  func idleStates(latency: String, disabled: String, isFound: Bool) throws {
    let host = try FakeHost.card()
    let state = "/sys/devices/system/cpu/cpu2/cpuidle/state3"
    try host.file("\(state)/name", "C6")
    try host.file("\(state)/latency", latency)
    try host.file("\(state)/disable", disabled)
    let found = try problems(host, cpus: "2,3")["c-states"]
    #expect(found?.fix == (isFound ? "cpupower -c 2 idle-set -D 10" : nil))
    if isFound { #expect(found?.message == "C6 takes \(latency) us to leave, on CPU 2") }
  }

  @Test("tell of more CPUs than queues")
  func queues() throws {
    let host = try FakeHost.card()
    #expect(try problems(host, cpus: "2-5")["queues"] == nil)
    let found = try problems(host, cpus: "0-5")["queues"]
    #expect(found?.reason == "no queue uses CPUs 4-5")
    #expect(found?.fix == "ethtool -L eth1 combined 6")
  }

  @Test("tell of hardware without interrupts, as while it is down")
  func noInterrupts() throws {
    let host = try FakeHost()
    try host.interface("eth1", index: 3)
    #expect(try problems(host, cpus: nil).isEmpty)
    try host.link("/sys/class/net/eth1/device", to: "../../../devices/0000:03:00.0")
    #expect(try problems(host, cpus: nil)["interrupts"]?.fix == "ip link set dev eth1 up")
  }

  @Test("come of the caller's namespace alone, whatever sysfs shows")
  func otherNamespace() throws {
    let ways: [(FakeHost) throws -> Void] = [
      { try $0.file("/sys/class/net/eth1/ifindex", "4") },
      { try $0.file("/sys/class/net/eth1/address", "02:00:00:00:00:20") },
      { try $0.file("/sys/class/net/eth9/ifindex", "9") },
    ]
    for change in ways {
      let host = try FakeHost.card()
      try change(host)
      let error = #expect(throws: AegisError.self) { try host.tune.run("eth1") }
      #expect(error?.kind == .notLoaded)
      #expect(error?.message.contains("another network namespace") == true)
    }
    let host = try FakeHost.card()
    try host.file("/sys/class/net/bonding_masters", "bond0")
    #expect(throws: Never.self) { try host.tune.run("eth1") }
    let error = #expect(throws: AegisError.self) { try host.tune.run("eth2") }
    #expect(error?.message.contains("no interface eth2") == true)
  }
}
