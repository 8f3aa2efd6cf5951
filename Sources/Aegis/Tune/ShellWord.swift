/// Text that a shell takes as one word, whatever is in it: an interface may be called `$(reboot)`.
struct ShellWord: CustomStringConvertible {
  private let text: String

  init(_ text: String) {
    self.text = text
  }

  var description: String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch Unicode.Scalar(byte) {
      case "a"..."z", "A"..."Z", "0"..."9", "/", ".", ",", "_", "-", "+": true
      default: false
      }
    }
    if isPlain, !text.isEmpty { return text }
    return "'"
      + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#)
      + "'"
  }
}
