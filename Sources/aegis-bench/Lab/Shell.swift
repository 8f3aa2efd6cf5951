import FoundationEssentials
import Glibc

/// Other tools, run in the namespaces of the calling thread.
enum Shell {
  struct Failure: Error, CustomStringConvertible {
    let command: String
    let output: String

    var description: String { "\(command.prefix(80)): \(output.prefix(300))" }
  }

  /// Runs a command line of /bin/sh and returns what it printed.
  @discardableResult
  static func run(_ command: String) throws -> String {
    fflush(nil)
    guard let stream = popen("{ \(command)\n} 2>&1", "re") else {
      throw Failure(command: command, output: String(cString: strerror(errno)))
    }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 {
      output += chunk[..<count]
    }
    let text = String(decoding: output, as: UTF8.self)
    if pclose(stream) != 0 { throw Failure(command: command, output: text) }
    return text
  }

  static func has(_ tool: String) -> Bool {
    (try? run("PATH=$PATH:/usr/sbin:/sbin command -v \(tool)")) != nil
  }

  /// The path of this program.
  static var program: String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count)
    guard length > 0 else { return nil }
    return String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The release binary built next to this one.
  static var aegisctl: String? {
    guard let program else { return nil }
    let folder = program.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    let candidate = folder + "/aegisctl"
    return access(candidate, X_OK) == 0 ? candidate : nil
  }
}
