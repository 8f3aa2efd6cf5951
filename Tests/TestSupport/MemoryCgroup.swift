internal import Foundation
internal import Glibc

/// A cgroup in which the kernel counts memory. A map is charged to the cgroup of the process that made it, and so is
/// what anybody adds to it later.
public final class MemoryCgroup {
  /// Where cgroups are made, and the file that says how much kernel memory one has.
  private static let hierarchy: (directory: String, figure: String)? = {
    let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
    for line in mounts.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      if words[2] == "cgroup", words[3].split(separator: ",").contains("memory") {
        return (words[1], "memory.kmem.usage_in_bytes")
      }
      if words[2] == "cgroup2",
        let controllers = try? text(words[1] + "/cgroup.subtree_control"),
        controllers.split(whereSeparator: \.isWhitespace).contains("memory")
      {
        return (words[1], "memory.stat")
      }
    }
    return nil
  }()

  /// Whether a test may use one.
  public static let isExpected = Tool.isCI || hierarchy != nil && geteuid() == 0

  private let path: String
  private let figure: String

  public init() throws {
    guard let (directory, figure) = Self.hierarchy else {
      throw SupportError("no cgroup is mounted whose children count memory")
    }
    path = "\(directory)/aegis-test-\(RandomName.hex(8))"
    self.figure = "\(path)/\(figure)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  /// What is still charged to it stays so. All its processes must have ended.
  deinit { rmdir(path) }

  /// A command that runs in it.
  public func command(_ words: [String]) -> Command {
    Command(["sh", "-c", #"echo $$ >"$0" && exec "$@""#, path + "/cgroup.procs"] + words)
  }

  /// The kernel memory in bytes. It may be some seconds old.
  public func kernelBytes() throws -> Int {
    let lines = try Self.text(figure).split(separator: "\n")
    let line = lines.count == 1 ? lines[0] : lines.first { $0.hasPrefix("kernel ") }
    guard let word = line?.split(separator: " ").last, let bytes = Int(word) else {
      throw SupportError("\(figure) says nothing of kernel memory")
    }
    return bytes
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }
}
