import Aegis
import FoundationEssentials
import Glibc

enum InputFile {
  /// All of a file, or of standard input for `-`.
  static func read(_ path: String) throws -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    var bytes: [UInt8] = []
    let step = 1 << 16
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
      bytes.reserveCapacity(Int(clamping: status.st_size) + step)
    }
    while true {
      let filled = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: step))
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress! + filled, step)
      }
      bytes.removeLast(step - max(0, count))
      if count == 0 { return bytes }
      if count < 0, errno != EINTR { throw failure(path) }
    }
  }

  private static func failure(_ path: String) -> AegisError {
    AegisError(.badInput, "cannot read \(path): \(String(cString: strerror(errno)))")
      .about(.init(file: path))
  }
}
