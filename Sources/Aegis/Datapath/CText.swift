internal import BPF
internal import Linux

/// Zero-terminated names in fixed C arrays, which Swift imports as tuples. Bytes that are not UTF-8 are escaped.
enum CText {
  static func read<Tuple: BitwiseCopyable>(_ field: Tuple) -> String {
    withUnsafeBytes(of: field) { bytes in
      let end = bytes.firstIndex(of: 0) ?? bytes.endIndex
      return String(escaping: UnsafeRawBufferPointer(rebasing: bytes[..<end]))
    }
  }

  /// Truncates text that does not fit; the last octet stays zero.
  static func write<Tuple: BitwiseCopyable>(_ text: String, to field: inout Tuple) {
    withUnsafeMutableBytes(of: &field) { bytes in
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
      bytes.copyBytes(from: text.unescaped.prefix(bytes.count - 1))
    }
  }
}
