import Glibc

/// The kernel's interface names are bytes and need not be UTF-8. In this program and in its output, `\xff` stands for a
/// byte that is not UTF-8, and `\x5c` for a backslash that would otherwise be read as an escape. All other text stands
/// for itself.
extension String {
  /// The escaped text of a name.
  public init(escaping bytes: some Collection<UInt8>) {
    if let text = String(validating: bytes, as: UTF8.self), !text.hasEscapes {
      self = text
      return
    }
    var result = ""
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var index = bytes.startIndex
    loop: while true {
      switch parser.parseScalar(from: &rest) {
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        let isEscape = scalar == "\\" && Self.escapedByte(bytes[index...].prefix(4)) != nil
        if isEscape { result += Self.escape(0x5c) } else { result.unicodeScalars.append(scalar) }
        index = bytes.index(index, offsetBy: encoded.count)
      case .error(let length):
        let end = bytes.index(index, offsetBy: length)
        result += bytes[index..<end].map(Self.escape).joined()
        index = end
      case .emptyInput: break loop
      }
    }
    self = result
  }

  /// The escaped text of a C string.
  public init(escaping name: UnsafePointer<CChar>) {
    self.init(escaping: UnsafeRawBufferPointer(start: name, count: strlen(name)))
  }

  /// The bytes that the text stands for.
  public var unescaped: [UInt8] {
    guard hasEscapes else { return Array(utf8) }
    var bytes: [UInt8] = []
    var rest = Array(utf8)[...]
    while let first = rest.first {
      let escaped = Self.escapedByte(rest.prefix(4))
      bytes.append(escaped ?? first)
      rest = rest.dropFirst(escaped == nil ? 1 : 4)
    }
    return bytes
  }

  /// The same as a C string.
  var unescapedCString: [CChar] { unescaped.map { CChar(bitPattern: $0) } + [0] }

  private var hasEscapes: Bool {
    let bytes = utf8
    return bytes.indices.contains {
      bytes[$0] == 0x5c && Self.escapedByte(bytes[$0...].prefix(4)) != nil
    }
  }

  private static func escape(_ byte: UInt8) -> String {
    "\\x" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
  }

  /// nil unless the four bytes are `\x` and two digits; a name contains no zero byte.
  private static func escapedByte(_ four: some Collection<UInt8>) -> UInt8? {
    guard four.count == 4, four.starts(with: [0x5c, 0x78]),
      let digits = String(validating: four.dropFirst(2), as: UTF8.self),
      digits.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let byte = UInt8(digits, radix: 16), byte != 0
    else { return nil }
    return byte
  }
}
