import ArgumentParser

struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "How to print: table, wide, json, yaml or name.")
  var output = OutputFormat.table

  func print(_ report: some Report) throws {
    try StandardOutput.write(report.text(as: output))
  }
}
