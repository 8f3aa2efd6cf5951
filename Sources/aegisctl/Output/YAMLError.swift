/// The reason why libyaml stopped: out of memory, or its input is not JSON.
struct YAMLError: Error, CustomStringConvertible {
  let problem: String

  init(_ problem: UnsafePointer<CChar>?) {
    self.problem = problem.map { String(cString: $0) } ?? "out of memory"
  }

  var description: String { "cannot write YAML: \(problem)" }
}
