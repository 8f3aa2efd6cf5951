import CAegis

extension Note {
  /// Value of `notes`: zero terminated and padded.
  var abi: aegis_note {
    var note = aegis_note()
    withUnsafeMutableBytes(of: &note.text) { $0.dropLast().copyBytes(from: text.utf8) }
    return note
  }

  /// Reads a value of `notes`. Bytes that are not UTF-8 become U+FFFD.
  init(_ note: aegis_note) {
    let text = withUnsafeBytes(of: note.text) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    self.init(unchecked: text)
  }
}
