/// What a program cost the verifier, as reported by its log at level 4.
public struct Verification: Sendable, Equatable {
  /// A call from one instruction to another, which is the first of a subprogram.
  public struct Call: Sendable, Equatable {
    let from: Int
    let to: Int

    /// Makes one from its parts.
    public init(from: Int, to: Int) {
      self.from = from
      self.to = to
    }
  }

  public let program: String
  /// The number of instructions processed, including repetitions.
  public let processed: Int
  public let states: Int
  public let peakStates: Int
  /// The stack depths in bytes, of the program and of each subprogram, in order.
  public let stackDepths: [Int]
  /// The stack size in bytes of the deepest call chain, rounded up as in kernels before 6.9.
  public let deepestStack: Int
  public let microseconds: Int

  /// nil if the log does not contain the figures.
  public init?(_ program: String, log: String, calls: [Call]) {
    var figures: [String: Int] = [:]
    var depths: [Int] = []
    for line in log.split(separator: "\n") {
      let words = line.split(separator: " ")
      if line.hasPrefix("stack depth ") {
        depths = words.last?.split(separator: "+").compactMap { Int($0) } ?? []
      } else if line.hasPrefix("verification time ") {
        figures["time"] = words.dropFirst(2).first.flatMap { Int($0) }
      } else if line.hasPrefix("processed ") {
        for (name, value) in zip(words, words.dropFirst()) { figures[String(name)] = Int(value) }
      }
    }
    let starts = Set(calls.map(\.to)).union([0]).sorted()
    guard let processed = figures["processed"], let states = figures["total_states"],
      let peakStates = figures["peak_states"], let time = figures["time"],
      depths.count == starts.count
    else { return nil }
    self.program = program
    self.processed = processed
    self.states = states
    self.peakStates = peakStates
    stackDepths = depths
    microseconds = time
    deepestStack = Self.deepest(depths, starts, calls)
  }

  /// The recursion ends because the verifier refuses recursive programs.
  private static func deepest(_ depths: [Int], _ starts: [Int], _ calls: [Call]) -> Int {
    var known: [Int: Int] = [:]
    func depth(of subprogram: Int) -> Int {
      if let depth = known[subprogram] { return depth }
      let end = subprogram + 1 < starts.count ? starts[subprogram + 1] : .max
      let called = calls.filter { starts[subprogram]..<end ~= $0.from }
        .compactMap { starts.firstIndex(of: $0.to) }
      let own = (max(depths[subprogram], 1) + 31) / 32 * 32
      let depth = own + (Set(called).subtracting([subprogram]).map(depth).max() ?? 0)
      known[subprogram] = depth
      return depth
    }
    return depth(of: 0)
  }
}
