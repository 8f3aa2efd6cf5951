import Foundation
import PackagePlugin

/// Writes the table of words that verbs take from the files that declare them.
@main
struct WordsBuild: BuildToolPlugin {
  private static let directories = ["Commands", "Options"]

  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    guard let target = target.sourceModule else { return [] }
    let sources = target.sourceFiles(withSuffix: ".swift").map(\.url)
      .filter { Self.directories.contains($0.deletingLastPathComponent().lastPathComponent) }
      .sorted { $0.path < $1.path }
    let table = context.pluginWorkDirectoryURL.appending(path: "VerbTable.swift")
    return [
      .buildCommand(
        displayName: "Writing the table of words",
        executable: try context.tool(named: "aegis-words").url,
        arguments: [table.path] + sources.map(\.path), inputFiles: sources, outputFiles: [table])
    ]
  }
}
