import Aegis
import ArgumentParser

/// Which events to read.
struct EventFilterOptions: ParsableArguments {
  @Flag(name: .long, help: "Only packets that are dropped, or would be without monitor mode.")
  var drops = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Only packets with this reason, as shown by stats, or with any pass or drop reason; may be repeated.",
      valueName: "reason"),
    completion: .list(Verdict.allCases.map(\.rawValue) + Reason.allCases.map(\.name)),
    transform: Self.reasons)
  var reason: [Set<Reason>] = []

  @Option(
    name: .long,
    help: ArgumentHelp("Only packets from this address or prefix.", valueName: "addr|prefix"))
  var source: String?

  @Option(name: .long, help: "Only packets that come in, or only those that leave.")
  var direction: Direction?

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp(
      "Only packets from sources of this class, or that leave for destinations of it.",
      valueName: "name"),
    completion: .custom { words, _, _ in Completions.classes(words) + ["foreign"] })
  var className: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Report at most n matching packets a second.", valueName: "n"))
  var rate = EventFilter.defaultRate

  @Option(
    name: .long,
    help: ArgumentHelp("Report one in m matching packets, chosen at random.", valueName: "m"))
  var sample: UInt32 = 1

  mutating func validate() throws {
    if drops, !reason.isEmpty { throw ValidationError("give either --drops or --reason") }
    try Bounds.check("--rate", rate, 1...EventFilter.mostRate)
    try Bounds.check("--sample", sample, 1...EventFilter.mostSample)
  }

  func filter(interface: String?) throws -> EventFilter {
    var filter = EventFilter(rate: rate, sample: sample)
    filter.reasons = drops ? EventFilter.drops : reason.reduce(into: []) { $0.formUnion($1) }
    filter.interface = interface
    filter.direction = direction
    filter.source = try source.map { text in
      try InputArgument.read(of: "--source") { notes throws(InputError) in
        try Prefix(text, noting: &notes)
      }
    }
    filter.className = try ClassArgument.read(className)
    return filter
  }

  static func reasons(_ text: String) throws -> Set<Reason> {
    let found = Reason.allCases.filter { $0.name == text || $0.verdict.rawValue == text }
    if !found.isEmpty { return Set(found) }
    let known = Reason.allCases.map(\.name).joined(separator: ", ")
    throw AegisError(
      InputError(input: text, problem: "is not a reason", hint: "there are: pass, drop, \(known)"))
  }
}
