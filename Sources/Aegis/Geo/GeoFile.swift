internal import CAegis
internal import Glibc
internal import Linux

/// A file that says which country addresses belong to, in memory.
public struct GeoFile: Sendable {
  /// As it is named in errors.
  public let name: String
  /// As it is remembered: a name that still holds in another directory.
  let path: String
  let bytes: [UInt8]
  /// When it was last written, in seconds since the Unix epoch.
  let modified: Int64

  /// More bytes are refused, in one file or in all files of a table.
  private static let most = 1 << 29

  init(name: String, bytes: [UInt8], modified: Int64 = 0) {
    self.name = name
    path = name
    self.bytes = bytes
    self.modified = modified
  }

  /// Reads the files of a table.
  public static func read(_ paths: [String]) throws(AegisError) -> [GeoFile] {
    try GeoTable.check(paths.count)
    var files: [GeoFile] = []
    var room = most
    for path in paths {
      let file = try GeoFile(path: path, room: room)
      room -= file.bytes.count
      files.append(file)
    }
    return files
  }

  /// Reads a regular file, or from a pipe.
  private init(path: String, room: Int) throws(AegisError) {
    name = path
    self.path = Self.absolute(path)
    let longest = MemoryLayout.size(ofValue: aegis_geo_file().name) - 1
    guard self.path.utf8.count <= longest else {
      throw AegisError(
        .badInput, "\(self.path): the path of a file with countries has at most \(longest) bytes")
    }
    var status = stat()
    var content: [UInt8] = []
    do throws(SystemError) {
      let file = try FileDescriptor(opening: path, O_RDONLY | O_NOCTTY)
      defer { extendLifetime(file) }
      guard fstat(file.rawValue, &status) == 0 else {
        throw SystemError(operation: "look at", subject: path, errno: Glibc.errno)
      }
      let expected = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 1 << 20
      if expected <= room { content = try Self.read(file, path, expected: expected + 1, room) }
    } catch {
      throw AegisError(.badInput, error.description)
    }
    guard status.st_size <= room, content.count <= room else {
      throw AegisError(
        .badInput,
        room == Self.most
          ? "\(path) has more than 512 MiB"
          : "the files before \(path) and it have more than 512 MiB")
    }
    bytes = content
    modified = Int64(status.st_mtim.tv_sec)
  }

  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let directory = getcwd(nil, 0) else { return path }
    defer { free(directory) }
    return String(cString: directory) + "/" + path
  }

  /// Reads to the end, or a little more than there is room for.
  private static func read(
    _ file: borrowing FileDescriptor, _ path: String, expected: Int, _ most: Int
  ) throws(SystemError) -> [UInt8] {
    let number = file.rawValue
    var content: [UInt8] = []
    var room = expected
    while content.count <= most {
      var code: CInt = 0
      var isEnd = false
      let more = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        while count < buffer.count {
          let result = Glibc.read(number, buffer.baseAddress! + count, buffer.count - count)
          if result < 0, Glibc.errno == EINTR { continue }
          if result < 0 { code = Glibc.errno }
          if result <= 0 {
            isEnd = true
            return
          }
          count += result
        }
      }
      if code != 0 { throw SystemError(operation: "read", subject: path, errno: code) }
      if content.isEmpty { content = more } else { content += more }
      if isEnd { return content }
      room = 1 << 20
    }
    return content
  }
}

/// What a file said, and what is remembered of it.
struct GeoContents {
  var v4 = GeoRanges()
  var v6 = GeoRanges()
  /// The date in the file, in seconds since the Unix epoch.
  var dated: Int64?

  /// False if there is no such range.
  mutating func append(_ first: IPAddress, _ last: IPAddress, _ code: CountryCode) -> Bool {
    switch (first, last) {
    case (.v4(let first), .v4(let last)):
      guard first <= last else { return false }
      v4.append(UInt128(first) << 96, UInt128(last) << 96 | ((1 << 96) - 1), code)
    case (.v6(let first), .v6(let last)):
      guard first <= last else { return false }
      v6.append(first, last, code)
    default: return false
    }
    return true
  }
}
