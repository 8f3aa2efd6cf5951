import FoundationEssentials
import Glibc

/// The other load on the machine.
enum Machine {
  static let processors = sysconf(CInt(_SC_NPROCESSORS_ONLN))

  static var processor: String {
    let lines = text("/proc/cpuinfo").split(separator: "\n")
    let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
    return model.map { String($0.drop { $0 == " " }) } ?? "unknown"
  }

  /// Clock ticks per second.
  static let ticks = Double(sysconf(CInt(_SC_CLK_TCK)))

  /// Processor time since boot in clock ticks, summed over all processors.
  struct Times {
    let user: Double
    let steal: Double
    let busy: Double
    let total: Double
    /// Time of this process in user space.
    let own: Double

    init() {
      let line = Machine.text("/proc/stat").prefix { $0 != "\n" }
      let fields = line.split(separator: " ").dropFirst().map { Double($0) ?? 0 }
      user = fields[0] + fields[1]
      steal = fields[7]
      total = fields.prefix(8).reduce(0, +)
      busy = total - fields[3] - fields[4]
      var usage = rusage()
      getrusage(CInt(RUSAGE_SELF.rawValue), &usage)
      let seconds = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
      own = seconds * Machine.ticks
    }

    /// Time of other processes in user space. Kernel time of this process cannot be told apart from theirs.
    func others(since start: Times) -> Double {
      max(0, user - start.user - (own - start.own))
    }
  }

  /// What disturbed the measurement since `start`.
  static func disturbance(since start: Times, baseline: [Double]) -> [String] {
    let now = Times()
    let total = max(now.total - start.total, 1)
    let steal = (now.steal - start.steal) / total
    let others = now.others(since: start) / total
    var notes: [String] = []
    if steal > 0.01 { notes.append("the hypervisor took \(percent(steal)) of the processors") }
    if others > 0.03 { notes.append("other processes took \(percent(others)) of the processors") }
    if baseline.spread > 0.1 {
      notes.append("the empty program varied by \(percent(baseline.spread)) between the rounds")
    }
    return notes.map { "disturbed: \($0); measure again on a quiet machine" }
  }

  private static func percent(_ share: Double) -> String {
    Cell.number(share * 100, decimals: 1).text + " %"
  }

  fileprivate static func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }
}
