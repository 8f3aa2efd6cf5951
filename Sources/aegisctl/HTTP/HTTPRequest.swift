/// The head of an HTTP/1.0 or 1.1 request; a body does not matter to a server that only reads.
struct HTTPRequest: Hashable {
  let method: String
  /// The path without the query.
  let path: String

  /// The result of parsing the bytes received so far.
  enum Parsed: Equatable {
    case incomplete
    case complete(HTTPRequest)
    case refused(HTTPStatus)
  }

  /// The longest head, in bytes.
  static let maximumSize = 8192

  static func parse(_ bytes: [UInt8]) -> Parsed {
    let head = bytes.prefix(maximumSize)
    var lines: [ArraySlice<UInt8>] = []
    var rest = head
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      var line = rest[..<end]
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      rest = rest[(end + 1)...]
      if line.isEmpty, !lines.isEmpty { return parse(lines) }
      // Empty lines before a request are ignored, as the standard recommends.
      if !line.isEmpty { lines.append(line) }
      // No need to wait for more if the beginning is not HTTP.
      if lines.count == 1, case .refused(let status) = parseLine(lines[0]) {
        return .refused(status)
      }
    }
    if bytes.count < maximumSize { return .incomplete }
    return .refused(lines.isEmpty ? .uriTooLong : .headersTooLarge)
  }

  private static func parse(_ lines: [ArraySlice<UInt8>]) -> Parsed {
    let parsed = parseLine(lines[0])
    guard case .complete = parsed else { return parsed }
    var hosts = 0
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), isToken(line[..<colon]),
        line[(colon + 1)...].allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 })
      else { return .refused(.badRequest) }
      if String(decoding: line[..<colon], as: UTF8.self).lowercased() == "host" { hosts += 1 }
    }
    let is11 = lines[0].last == UInt8(ascii: "1")
    return hosts > 1 || is11 && hosts == 0 ? .refused(.badRequest) : parsed
  }

  private static func parseLine(_ line: ArraySlice<UInt8>) -> Parsed {
    let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 3, isToken(words[0]), !words[1].isEmpty,
      words[1].allSatisfy({ 0x21..<0x7f ~= $0 })
    else { return .refused(.badRequest) }
    let version = String(decoding: words[2], as: UTF8.self)
    guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
      let number = Array(version.utf8.dropFirst(5))
      let isOther =
        version.hasPrefix("HTTP/") && number.count == 3 && number[1] == UInt8(ascii: ".")
        && [number[0], number[2]].allSatisfy { 0x30...0x39 ~= $0 }
      return .refused(isOther ? .versionNotSupported : .badRequest)
    }
    guard let path = path(String(decoding: words[1], as: UTF8.self)) else {
      return .refused(.badRequest)
    }
    return .complete(
      HTTPRequest(method: String(decoding: words[0], as: UTF8.self), path: path))
  }

  /// The path of `/metrics?x=y`, and of `http://host/metrics` as sent to proxies; nil for anything else.
  private static func path(_ target: String) -> String? {
    var target = Substring(target)
    if target.lowercased().hasPrefix("http://") {
      target = target.dropFirst(7)
      target = target.firstIndex(of: "/").map { target[$0...] } ?? "/"
    }
    if target == "*" { return "*" }
    guard target.hasPrefix("/"), !target.contains("#") else { return nil }
    return String(target.prefix { $0 != "?" })
  }

  private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
    !bytes.isEmpty
      && bytes.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }
}
