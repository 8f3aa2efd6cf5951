enum LatencyPart {
  static func run(in lab: Lab, _ effort: Effort) throws -> Report.Part {
    Report.Part("latency")
  }
}
