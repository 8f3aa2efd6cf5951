import ArgumentParser

struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "Output format.")
  var output = OutputFormat.table

  @Flag(name: .shortAndLong, help: "Print nothing unless something goes wrong.")
  var quiet = false

  func print(_ report: some Report) throws { try write(report.text(as: output)) }

  func write(_ text: @autoclosure () throws -> String) throws {
    if !quiet { try StandardOutput.write(text()) }
  }
}
