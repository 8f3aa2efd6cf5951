import Aegis
import BPF
import CAegis
import Glibc

/// The datapath while `aegisctl events` reads its decisions.
final class ObservedCompetitor: Competitor {
  let name: String
  private let base: AegisCompetitor
  /// Options of `events`; nil if there is no reader.
  private let options: String?
  private let output: String
  private var reader: pid_t?

  /// - Parameters:
  ///   - options: Options of `events`; nil if there is no reader.
  ///   - output: Where `events` prints.
  init(
    _ name: String, _ base: AegisCompetitor, options: String?, output: String = "/dev/null"
  ) {
    self.name = name
    self.base = base
    self.options = options
    self.output = output
  }

  var veth: VethPair { base.veth }
  var frame: [UInt8] { base.frame }
  func verdicts() throws -> Verdicts? { try base.verdicts() }

  func attach() throws {
    try base.attach()
    guard let options else { return }
    guard let tool = Shell.aegisctl else {
      throw Shell.Failure(command: "aegisctl", output: "is not built beside this")
    }
    let command = "\(tool) events --pin-root \(base.aegis.path) \(options) >\(output) 2>/dev/null"
    reader = pid_t(try Shell.run("\(command) & echo $!").prefix { $0 != "\n" })
    try wait(untilRead: true)
  }

  func detach() throws {
    if let reader { kill(reader, SIGINT) }
    if reader != nil { try wait(untilRead: false) }
    reader = nil
    try base.detach()
  }

  private func wait(untilRead isRead: Bool) throws {
    let map = try BPFMap<UInt32, aegis_config>(pinnedAt: base.aegis.pin(of: AEGIS_MAP_config))
    for _ in 0..<2000 {
      let stages = try map.value(forKey: 0)?.stages ?? 0
      if (stages & AEGIS_STAGE_EVENTS.rawValue != 0) == isRead { return }
      usleep(1000)
    }
    throw Shell.Failure(
      command: "aegisctl events", output: "it did not \(isRead ? "begin" : "end")")
  }
}
