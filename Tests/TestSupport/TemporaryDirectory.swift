internal import Foundation

/// Its files are gone with it.
public struct TemporaryDirectory: Sendable {
  public let path: String

  public init(path: String) { self.path = path }

  public static func with<Result>(
    _ body: (TemporaryDirectory) throws -> Result
  ) throws -> Result {
    let manager = FileManager.default
    let url = manager.temporaryDirectory.appending(path: "aegis-test-\(RandomName.hex(8))")
    try manager.createDirectory(at: url, withIntermediateDirectories: false)
    defer { try? manager.removeItem(at: url) }
    return try body(TemporaryDirectory(path: url.path))
  }

  /// Makes a file and returns its path.
  @discardableResult
  public func file(_ name: String, _ contents: some Sequence<UInt8> = []) throws -> String {
    let file = "\(path)/\(name)"
    try Data(contents).write(to: URL(filePath: file))
    return file
  }
}
