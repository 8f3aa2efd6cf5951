/// Why libyaml did not go on: out of memory, or what it got is not JSON.
struct YAMLError: Error, CustomStringConvertible {
  let problem: String

  init(_ problem: UnsafePointer<CChar>?) {
    self.problem = problem.map { String(cString: $0) } ?? "out of memory"
  }

  var description: String { "cannot write YAML: \(problem)" }
}
