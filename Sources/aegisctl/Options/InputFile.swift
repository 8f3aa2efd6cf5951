import Aegis
import FoundationEssentials
import Glibc
import Linux

enum InputFile {
  /// Far more than any real input: a longer file may be endless.
  private static let mostBytes = 256 << 20

  /// Reads a whole file, or standard input for `-`.
  ///
  /// - Parameters:
  ///   - isText: Whether to refuse NUL bytes, which show that the input is not text.
  ///   - mostBytes: Longer ones are refused.
  ///   - isOwn: Whether to refuse a file that others than root and the caller can change.
  static func read(
    _ path: String, isText: Bool = false, most mostBytes: Int = Self.mostBytes,
    isOwn: Bool = false
  ) throws -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, errno) }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
    if isOwn { try checkOwner(of: status, path) }
    if status.st_mode & S_IFMT == S_IFREG {
      guard status.st_size <= mostBytes else { throw tooLong(path, mostBytes) }
      bytes.reserveCapacity(Int(clamping: status.st_size))
    }
    while let read = try next(descriptor, &piece, of: path) {
      bytes.append(contentsOf: read)
      if isText { try checkText(bytes, from: bytes.count - read.count, of: path) }
      guard bytes.count <= mostBytes else { throw tooLong(path, mostBytes) }
    }
    return bytes
  }

  private static func next(
    _ descriptor: CInt, _ buffer: inout [UInt8], of path: String
  ) throws(AegisError) -> ArraySlice<UInt8>? {
    do { return try Descriptors.read(descriptor, into: &buffer) } catch {
      throw failure(path, error.errno)
    }
  }

  /// The name in messages.
  static func name(_ path: String) -> String { path == "-" ? "standard input" : path }

  private static func checkOwner(of status: stat, _ path: String) throws {
    let problem =
      if ![0, geteuid()].contains(status.st_uid) {
        "it belongs to the user \(status.st_uid)"
      } else if status.st_mode & 0o022 != 0 {
        "others may write it (mode \(String(status.st_mode & 0o7777, radix: 8)))"
      } else { String?.none }
    guard let problem else { return }
    let word = ShellWord(path)
    throw AegisError(
      .notPermitted, "cannot trust \(path): \(problem)",
      hint: "chown root \(word) && chmod go-w \(word)"
    ).about(.init(file: path))
  }

  /// The path from the root, without symbolic links; nil for standard input.
  static func absolute(_ path: String) -> String? {
    guard path != "-", let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func checkText(_ bytes: [UInt8], from start: Int, of path: String) throws {
    if start == 0, let program = Compression.program(bytes) {
      throw AegisError(
        .badInput, "\(name(path)) is compressed",
        hint: "pipe it through \(program): -f - reads standard input")
    }
    let hasNUL = bytes.withUnsafeBytes {
      memchr($0.baseAddress! + start, 0, $0.count - start) != nil
    }
    guard hasNUL, let place = bytes[start...].firstIndex(of: 0) else { return }
    let line = bytes[..<place].count { $0 == UInt8(ascii: "\n") } + 1
    let isUTF16 = bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff])
    throw AegisError(
      .badInput, "\(name(path)):\(line): has a NUL byte",
      hint: isUTF16 ? "a list is UTF-8 text, not UTF-16" : "a list must be plain text")
  }

  private static func tooLong(_ path: String, _ mostBytes: Int) -> AegisError {
    AegisError(.badInput, "\(name(path)) has more than \(mostBytes >> 20) MiB")
  }

  private static func failure(_ path: String, _ errno: CInt) -> AegisError {
    AegisError(.badInput, "cannot read \(path): \(String(cString: strerror(errno)))")
      .about(.init(file: path))
  }
}

/// Compression formats that are recognized.
private enum Compression {
  private static let magics: [(bytes: [UInt8], program: String)] = [
    ([0x1f, 0x8b], "zcat"), ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "xzcat"),
    ([0x28, 0xb5, 0x2f, 0xfd], "zstdcat"), (Array("BZh".utf8), "bzcat"),
  ]

  /// The program that prints the text of a compressed file with this beginning.
  static func program(_ bytes: [UInt8]) -> String? {
    magics.first { bytes.starts(with: $0.bytes) }?.program
  }
}
