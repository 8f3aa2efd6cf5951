internal import BPF
internal import Linux

/// Text quoted as a single shell word, whatever it contains: an interface may be called `$(reboot)`.
public struct ShellWord: CustomStringConvertible {
  private let text: String

  /// - Parameter text: Escapes in it become the bytes that they stand for when the shell evaluates the word.
  public init(_ text: String) {
    self.text = text
  }

  public var description: String {
    let bytes = text.unescaped
    if !bytes.elementsEqual(text.utf8) {
      return #""$(printf '\#(bytes.map(Self.printed).joined())')""#
    }
    if bytes.allSatisfy(Self.isPlain), !text.isEmpty { return text }
    return "'"
      + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#)
      + "'"
  }

  /// The byte in printf's format; a dash at the start would be an option.
  private static func printed(_ byte: UInt8) -> String {
    if isPlain(byte), byte != UInt8(ascii: "-") { return String(Character(Unicode.Scalar(byte))) }
    let octal = String(byte, radix: 8)
    return "\\" + String(repeating: "0", count: 3 - octal.count) + octal
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch Unicode.Scalar(byte) {
    case "a"..."z", "A"..."Z", "0"..."9", "/", ".", ",", "_", "-", "+": true
    default: false
    }
  }
}
