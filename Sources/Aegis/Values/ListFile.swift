/// A list: UTF-8 text with one entry a line, blank lines, and comments from a `#` on.
///
/// Blanks around an entry, CRLF, a byte order mark and a last line without its end are all fine.
public enum ListFile<Element> {
  /// What was read, with line numbers from 1.
  public typealias Contents = (
    entries: [(line: Int, element: Element)], errors: [(line: Int, error: InputError)]
  )

  /// Reads every line, whatever is wrong with others.
  ///
  /// A line is wrong when `element` throws, when it has a NUL or is not UTF-8, and over 4096 bytes.
  public static func parse(
    _ bytes: [UInt8], element: (Substring) throws(InputError) -> Element
  ) -> Contents {
    var contents: Contents = ([], [])
    var rest = bytes[...]
    if rest.starts(with: [0xef, 0xbb, 0xbf]) { rest.removeFirst(3) }
    var number = 0
    while !rest.isEmpty {
      number += 1
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest[line.endIndex...].dropFirst()
      do throws(InputError) {
        guard let text = try ListLine.entry(line) else { continue }
        contents.entries.append((number, try element(text)))
      } catch {
        contents.errors.append((number, error))
      }
    }
    return contents
  }
}

private enum ListLine {
  private static let longest = 4096

  /// The entry of a line; nil when it has none.
  static func entry(_ line: ArraySlice<UInt8>) throws(InputError) -> Substring? {
    guard line.count <= longest else {
      throw InputError(shown(line), "is a line of more than \(longest) bytes")
    }
    guard !line.contains(0) else {
      throw InputError(shown(line), "has a NUL byte", hint: "a list is UTF-8 text, not UTF-16")
    }
    // Checked in full: a comment that is not UTF-8 tells of a file that is not either.
    guard let text = String(validating: line, as: UTF8.self) else {
      throw InputError(shown(line), "is not UTF-8")
    }
    let written = text[...].split(at: "#").before
    guard let first = written.utf8.firstIndex(where: { !isBlank($0) }),
      let last = written.utf8.lastIndex(where: { !isBlank($0) })
    else { return nil }
    return written[first...last]
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  private static func shown(_ line: ArraySlice<UInt8>) -> String {
    String(decoding: line.prefix(100), as: UTF8.self)
  }
}
