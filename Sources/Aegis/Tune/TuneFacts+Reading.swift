internal import Linux

extension TuneFacts {
  /// - Parameter cpus: The CPUs to examine; nil for those that take the interrupts now.
  init(_ name: String, cpus: CPUList?, from files: SystemFiles) throws(AegisError) {
    let directory = "/sys/class/net/\(name)"
    let queues = (try? files.list("\(directory)/queues")) ?? []
    let device = files.linkName("\(directory)/device")
    self.name = name
    hasDevice = device != nil
    interrupts = InterruptSearch(interface: name, device: device, files: files).settings()
    receive = files.settings(of: queues, "rx-", "rps_cpus", "receive queue", in: directory)
    transmit = files.settings(of: queues, "tx-", "xps_cpus", "transmit queue", in: directory)
    host = try HostFacts(from: files)
    let looked = cpus ?? interrupts.reduce(CPUList()) { $0.union($1.cpus) }
    processors = looked.numbers.map { Processor($0, from: files) }
  }
}

extension TuneFacts.HostFacts {
  fileprivate init(from files: SystemFiles) throws(AegisError) {
    let directory = "/sys/devices/system/cpu"
    let online = try kernel { () throws(SystemError) in try files.read("\(directory)/online") }
    self.online = CPUList(parsing: online[...]) ?? CPUList()
    present = files.cpus("\(directory)/present") ?? self.online
    isolated = files.cpus("\(directory)/isolated") ?? CPUList()
    // The file contains "(null)" if the parameter is not set.
    tickless = files.cpus("\(directory)/nohz_full") ?? CPUList()
    withoutCallbacks = tickless.union(files.parameter("rcu_nocbs", all: present))
    hasIRQBalance = ((try? files.list("/proc")) ?? []).contains { entry in
      entry.utf8.first?.asDigit != nil
        && (try? files.read("/proc/\(entry)/comm")) == "irqbalance\n"
    }
  }
}

extension TuneFacts.Processor {
  fileprivate init(_ number: Int, from files: SystemFiles) {
    let directory = "/sys/devices/system/cpu/cpu\(number)"
    let states = (try? files.list("\(directory)/cpuidle")) ?? []
    self.init(
      number: number, governor: files.line("\(directory)/cpufreq/scaling_governor"),
      idleStates: states.compactMap { state in
        let directory = "\(directory)/cpuidle/\(state)"
        guard let name = files.line("\(directory)/name") else { return nil }
        return TuneFacts.IdleState(
          name: name, latency: files.line("\(directory)/latency").flatMap { Int($0) } ?? 0,
          isDisabled: files.line("\(directory)/disable") == "1")
      })
  }
}

extension SystemFiles {
  /// The first line; nil if it cannot be read.
  func line(_ path: String) -> String? {
    guard let text = try? read(path) else { return nil }
    return text.split(separator: "\n", omittingEmptySubsequences: false).first.map { String($0) }
  }

  fileprivate func cpus(_ path: String) -> CPUList? {
    line(path).flatMap { CPUList(parsing: $0[...]) }
  }

  /// A parameter of the kernel command line.
  fileprivate func parameter(_ name: String, all: CPUList) -> CPUList {
    let words = line("/proc/cmdline")?.split(separator: " ") ?? []
    guard let word = words.last(where: { $0.hasPrefix(name + "=") }) else { return CPUList() }
    let value = word.dropFirst(name.utf8.count + 1)
    return value == "all" ? all : CPUList(parsing: value) ?? CPUList()
  }

  fileprivate func settings(
    of queues: [String], _ prefix: String, _ file: String, _ subject: String, in directory: String
  ) -> [CPUSetting] {
    let numbers = queues.filter { $0.hasPrefix(prefix) }
      .compactMap { Int($0.dropFirst(prefix.utf8.count)) }
    return numbers.sorted().compactMap { number in
      let path = "\(directory)/queues/\(prefix)\(number)/\(file)"
      guard let text = line(path) else { return nil }
      return CPUSetting(
        subject: "\(subject) \(number)", path: path, form: .mask, text: text, queue: number)
    }
  }
}
