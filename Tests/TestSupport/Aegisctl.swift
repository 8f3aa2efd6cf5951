internal import Foundation

/// The built binary, with a pin root of its own.
public struct Aegisctl: Sendable {
  public let root: String

  public init(root: String = Aegisctl.randomRoot()) {
    self.root = root
  }

  public static func randomRoot() -> String { "/sys/fs/bpf/aegis-test-\(RandomName.hex(8))" }

  public func command(
    _ arguments: [String], environment: [String: String?] = [:], namespace: String? = nil
  ) -> Command {
    var variables: [String: String?] = ["AEGIS_PIN_ROOT": root, "SSH_CONNECTION": nil]
    variables.merge(environment) { $1 }
    return Command(
      [BuiltBinary.path("aegisctl")] + arguments, environment: variables, namespace: namespace)
  }

  @discardableResult
  public func run(
    _ arguments: [String], input: String? = nil, environment: [String: String?] = [:],
    namespace: String? = nil
  ) throws -> Outcome {
    try command(arguments, environment: environment, namespace: namespace)
      .run(input: input, timeout: 60)
  }

  /// Unloads by force, then removes what is left of the root.
  public func cleanUp() {
    _ = try? run(["unload", "--force"])
    let files = FileManager.default
    guard root.hasPrefix("/sys/fs/bpf/"), files.fileExists(atPath: root) else { return }
    try? files.removeItem(atPath: root)
  }
}

public enum RandomName {
  public static func hex(_ digits: Int) -> String {
    String((0..<digits).map { _ in "0123456789abcdef".randomElement()! })
  }
}
