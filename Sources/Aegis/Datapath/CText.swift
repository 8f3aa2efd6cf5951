/// Zero-terminated text in fixed C arrays, which Swift sees as tuples.
enum CText {
  static func read<Tuple: BitwiseCopyable>(_ field: Tuple) -> String {
    withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// Cuts what does not fit; the last octet stays zero.
  static func write<Tuple: BitwiseCopyable>(_ text: String, to field: inout Tuple) {
    withUnsafeMutableBytes(of: &field) { bytes in
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
      bytes.copyBytes(from: text.utf8.prefix(bytes.count - 1))
    }
  }
}
