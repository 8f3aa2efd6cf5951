import Foundation
import Testing

/// Files that say what is printed. `AEGIS_UPDATE_GOLDEN=1` rewrites them.
enum Golden {
  private static let directory = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Golden")

  private static let isUpdating =
    ProcessInfo.processInfo.environment["AEGIS_UPDATE_GOLDEN"] == "1"

  static func check(
    _ name: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let file = directory.appending(path: "\(name).txt")
    if isUpdating { return try Data(text.utf8).write(to: file) }
    let wanted = try #require(
      try? String(contentsOf: file, encoding: .utf8),
      "there is no \(file.path): AEGIS_UPDATE_GOLDEN=1 swift test writes it",
      sourceLocation: sourceLocation)
    #expect(text == wanted, sourceLocation: sourceLocation)
  }

  static var names: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: directory.path)
        .filter { $0.hasSuffix(".txt") }.map { String($0.dropLast(4)) }.sorted()
    }
  }
}
