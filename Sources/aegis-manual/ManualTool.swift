import ArgumentParser
import FoundationEssentials

@main
struct ManualTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aegis-manual",
    abstract: "Write man pages from the output of --experimental-dump-help on standard input.")

  @Argument(help: "The directory to write to; pages of verbs that are gone are removed from it.")
  var directory: String

  @Option(help: "A file in mdoc to include in the main page.")
  var concepts: String?

  @Option(help: "What apply --schema printed, to write the page of the format from.")
  var schema: String?

  @Option(help: "The date of the pages.")
  var date = "November 21, 2026"

  @Option(help: "The program and its version, for the foot of the pages.")
  var release: String

  func run() throws {
    var input = ""
    while let line = readLine(strippingNewline: false) { input += line }
    let program = try JSONDecoder().decode(HelpDump.self, from: Data(input.utf8)).command
    let text = try concepts.map {
      String(decoding: try Data(contentsOf: URL(filePath: $0)), as: UTF8.self)
    }
    let edition = Edition(date: date, release: release)
    let pages = Manual(program: program, edition: edition, concepts: text).pages
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    for page in pages {
      try Data(page.text.utf8).write(to: URL(filePath: "\(directory)/\(page.fileName)"))
    }
    if let schema {
      let page = PolicyPage(
        schema: try JSONDecoder().decode(
          Schema.self, from: Data(contentsOf: URL(filePath: schema))),
        edition: edition, program: program.commandName)
      try Data(page.text.utf8).write(to: URL(filePath: "\(directory)/\(page.fileName)"))
    }
    let kept = Set(pages.map(\.fileName))
    for name in try FileManager.default.contentsOfDirectory(atPath: directory)
    where name.hasPrefix("\(program.commandName)-") && name.hasSuffix(".\(Manual.section)")
      && !kept.contains(name)
    {
      try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
    }
  }
}
