internal import BPF
internal import Linux

/// Text that a shell takes as one word, whatever is in it: an interface may be called `$(reboot)`.
public struct ShellWord: CustomStringConvertible {
  private let text: String

  /// - Parameter text: What is escaped in it comes out of the shell as the bytes that it stands for.
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

  /// As printf reads it; a dash at the start would be an option.
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
