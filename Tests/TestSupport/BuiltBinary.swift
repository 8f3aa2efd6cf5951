import Foundation

/// Where `swift test` put the binary: beside the bundle of the tests.
public enum BuiltBinary {
  public static func path(_ name: String) -> String {
    let environment = ProcessInfo.processInfo.environment
    if let chosen = environment["AEGISCTL"], name == "aegisctl" { return chosen }
    let bundle = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    return bundle.appending(path: name).path
  }
}
