import Aegis

/// A frame as it is copied from a terminal or a ticket.
///
/// - Hexadecimal bytes, with or without blanks, colons, commas, `0x` and line feeds between them.
/// - The output of `xxd`, `hexdump -C`, `od -t x1`, `tcpdump -xx` and `-XX`, `tshark -x` and Wireshark, with offsets
///   and text; other lines in front are ignored.
///
/// A line that begins with `#` is a comment.
enum HexText {
  /// The only frame of a text, at least an Ethernet header long. An IP packet, as `tcpdump -x` prints it, gets one.
  ///
  /// - Parameter name: The name of the text in messages.
  /// - Throws: `badInput` that names the line.
  static func frame(_ text: [UInt8], named name: String) throws(AegisError) -> [UInt8] {
    do {
      return try frame(of: bytes(text))
    } catch {
      let place = error.line.map { "\(name):\($0)" } ?? name
      throw AegisError(.badInput, "\(place): \(error.problem)", hint: error.hint)
    }
  }

  private static func bytes(_ text: [UInt8]) throws(HexError) -> [UInt8] {
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let lines = HexLine.lines(text[(text.starts(with: mark) ? mark.count : 0)...])
    guard let start = lines.firstIndex(where: \.beginsDump) else {
      var bytes: [UInt8] = []
      for line in lines {
        bytes += try line.bytes()
        try check(bytes.count, line)
      }
      return bytes
    }
    for line in lines[..<start] where (try? line.bytes()) != nil {
      throw HexError(line.number, line.text, "are bytes in front of a dump")
    }
    return try HexDump.bytes(lines[start...])
  }

  static func check(_ count: Int, _ line: HexLine) throws(HexError) {
    guard count > CapturedFrame.mostBytes else { return }
    throw HexError(line.number, "a frame has \(CapturedFrame.mostBytes) bytes at most")
  }

  private static func frame(of bytes: [UInt8]) throws(HexError) -> [UInt8] {
    if bytes.isEmpty { throw HexError(nil, "has no bytes") }
    if let type = typeOfIP(bytes) { return EthernetHeader.bytes(type: type) + bytes }
    guard bytes.count >= EthernetHeader.length else {
      throw HexError(
        nil, "has \(bytes.count) bytes, and an Ethernet header alone \(EthernetHeader.length)")
    }
    return bytes
  }

  /// The EtherType of a packet that begins with an IP header and has the length given there.
  private static func typeOfIP(_ bytes: [UInt8]) -> UInt16? {
    func word(_ at: Int) -> Int { Int(bytes[at]) << 8 | Int(bytes[at + 1]) }
    guard bytes.count >= 20 else { return nil }
    let types = [0x0800, 0x0806, 0x86dd, 0x8100, 0x88a8]
    if types.contains(word(12)) { return nil }
    if 0x45...0x4f ~= bytes[0], word(2) == bytes.count { return EthernetHeader.ipv4 }
    if bytes[0] >> 4 == 6, word(4) + 40 == bytes.count { return EthernetHeader.ipv6 }
    return nil
  }
}

/// An error in a line, counted from 1, or in the whole text.
struct HexError: Error {
  let line: Int?
  let problem: String
  let hint: String?

  init(_ line: Int?, _ problem: String, hint: String? = nil) {
    self.line = line
    self.problem = problem
    self.hint = hint
  }

  /// - Parameter input: What was read.
  init(_ line: Int?, _ input: ArraySlice<UInt8>, _ problem: String, hint: String? = nil) {
    let text = String(decoding: input, as: UTF8.self)
    self.init(line, InputError(input: text, problem: problem).description, hint: hint)
  }
}
