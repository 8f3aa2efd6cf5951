import Foundation
import TestSupport

enum Tool {
  static func isInstalled(_ name: String) -> Bool {
    (try? Command(["which", name]).run())?.status == 0
  }
}

/// Its files are gone with it.
struct TemporaryDirectory {
  let path: String

  static func with<Result>(_ body: (TemporaryDirectory) throws -> Result) throws -> Result {
    let manager = FileManager.default
    let url = manager.temporaryDirectory.appending(path: "aegis-test-\(RandomName.hex(8))")
    try manager.createDirectory(at: url, withIntermediateDirectories: false)
    defer { try? manager.removeItem(at: url) }
    return try body(TemporaryDirectory(path: url.path))
  }

  /// Makes a file and returns its path.
  @discardableResult
  func file(_ name: String, _ contents: Data = Data()) throws -> String {
    let file = "\(path)/\(name)"
    try contents.write(to: URL(filePath: file))
    return file
  }
}
