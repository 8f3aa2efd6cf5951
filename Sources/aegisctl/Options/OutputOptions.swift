import ArgumentParser

struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "How to print.")
  var output = OutputFormat.table

  func print(_ report: some Report) throws {
    try StandardOutput.write(report.text(as: output))
  }
}
