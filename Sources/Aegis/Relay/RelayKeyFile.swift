internal import CAegis
internal import Glibc
internal import Linux

/// The file of the relay's master keys: a line `ID HEX` for each, the first for new tokens. No message contains what
/// a line says, since it may be a secret.
public enum RelayKeyFile {
  private static let most = 64 << 10

  /// How to make such a file.
  public static let recipe = "(umask 077; echo \"1 $(openssl rand -hex 16)\" > FILE)"

  /// Reads a regular file that only its owner may read, who is the caller or root.
  ///
  /// - Throws: `notPermitted` for a file of somebody else's, or that others may read; `badInput` otherwise.
  public static func read(_ path: String) throws(AegisError) -> [RelayKey] {
    CoreDump.forbid()
    let file = try open(path)
    defer { extendLifetime(file) }
    var status = stat()
    guard fstat(file.rawValue, &status) == 0 else { throw unreadable(path, errno) }
    try check(status, path)
    return try parse(contents(of: file, path), of: path)
  }

  private static func open(_ path: String) throws(AegisError) -> FileDescriptor {
    do {
      // A FIFO must not keep the caller waiting.
      return try FileDescriptor(opening: path, O_RDONLY | O_NOCTTY | O_NONBLOCK)
    } catch {
      throw unreadable(path, error.errno)
    }
  }

  private static func check(_ status: stat, _ path: String) throws(AegisError) {
    let word = ShellWord(path)
    func refusal(_ problem: String, hint: String) -> AegisError {
      AegisError(.notPermitted, "cannot trust \(path): \(problem)", hint: hint)
        .about(.init(file: path))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw AegisError(
        .badInput, "cannot read \(path): it is not a regular file", hint: "make one: \(recipe)"
      ).about(.init(file: path))
    }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw refusal(
        "it belongs to the user \(status.st_uid)",
        hint: "make a file of your own: \(recipe)")
    }
    guard status.st_mode & 0o066 == 0 else {
      let mode = String(status.st_mode & 0o7777, radix: 8)
      throw refusal(
        "it has secrets, and others may read or write it (mode \(mode))", hint: "chmod 600 \(word)")
    }
  }

  private static func contents(
    of file: borrowing FileDescriptor, _ path: String
  ) throws(AegisError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: most + 1)
    do {
      while let piece = try Descriptors.read(file.rawValue, into: &buffer, named: path) {
        bytes += piece
        if bytes.count > most { break }
      }
    } catch {
      throw unreadable(path, error.errno)
    }
    guard bytes.count <= most else {
      throw AegisError(.badInput, "\(path) has more than \(most >> 10) KiB")
        .about(.init(file: path))
    }
    return bytes
  }

  private static func unreadable(_ path: String, _ code: CInt) -> AegisError {
    AegisError(
      .badInput, "cannot read \(path): \(String(cString: strerror(code)))",
      hint: code == ENOENT ? "make it: \(recipe)" : nil
    ).about(.init(file: path))
  }
}

extension RelayKeyFile {
  /// Reads lines; comments begin with `#`.
  static func parse(_ bytes: [UInt8], of path: String) throws(AegisError) -> [RelayKey] {
    var keys: [(key: RelayKey, line: Int)] = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated().map({ ($0 + 1, $1) }) {
      func invalid(_ problem: String, hint: String? = nil) -> AegisError {
        AegisError(.badInput, "\(path):\(number): \(problem)", hint: hint)
          .about(.init(file: path, line: number))
      }
      let words = line.prefix { $0 != UInt8(ascii: "#") }.split(whereSeparator: isBlank)
      if words.isEmpty { continue }
      let form = "write a number from 0 to 255 and 32 hexadecimal digits: \(recipe)"
      guard words.count == 2 else { throw invalid("has not two words", hint: form) }
      let first = Substring(decoding: words[0], as: UTF8.self)
      guard let id = UInt64(digits: first).flatMap({ UInt8(exactly: $0) }) else {
        throw invalid("has no number from 0 to 255 first", hint: form)
      }
      guard let secret = hex(words[1]), secret.count == 16 else {
        throw invalid("has not 32 hexadecimal digits", hint: form)
      }
      if secret.allSatisfy({ $0 == 0 }) { throw invalid("has the key 0", hint: form) }
      if let same = keys.first(where: { $0.key.number == id }) {
        throw invalid("has the number of line \(same.line)", hint: "give each key its own number")
      }
      guard keys.count < Int(AEGIS_RELAY_KEYS) else {
        throw invalid(
          "is one key too many: there are at most \(AEGIS_RELAY_KEYS)",
          hint: "remove the oldest, which is the last line")
      }
      keys.append((RelayKey(number: id, secret: SipHash.Key(secret)), number))
    }
    if keys.isEmpty {
      throw AegisError(.badInput, "\(path) has no key", hint: "make one: \(recipe)")
        .about(.init(file: path))
    }
    return keys.map(\.key)
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")].contains(byte)
  }

  /// nil for anything but pairs of digits.
  private static func hex(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let digits = text.compactMap { byte -> UInt8? in
      if let digit = byte.asDigit { return digit }
      let letter = (byte | 0x20) &- UInt8(ascii: "a")
      return letter < 6 && byte > UInt8(ascii: "9") ? letter + 10 : nil
    }
    guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
