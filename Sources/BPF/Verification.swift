/// What a program cost the verifier, as its log tells at level 4.
public struct Verification: Sendable, Equatable {
  /// From one instruction to another, which a subprogram begins with.
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
  /// Instructions that it went through, each as often as it did.
  public let processed: Int
  public let states: Int
  public let peakStates: Int
  /// In bytes, of the program and of each subprogram, in their order.
  public let stackDepths: [Int]
  /// The bytes of stack that the deepest chain of calls takes, rounded up as kernels before 6.9 do.
  public let deepestStack: Int
  public let microseconds: Int

  /// nil if the log does not tell.
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

  /// The verifier refuses recursion.
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
