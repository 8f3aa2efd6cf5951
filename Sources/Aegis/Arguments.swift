internal import BPF
internal import Linux

/// The arguments of the program.
public enum Arguments {
  /// The words after the program name; `\xff` stands for a byte that is not UTF-8.
  public static func read() -> [String] {
    var words: [String] = []
    var next = CommandLine.unsafeArgv
    while let word = next.pointee {
      words.append(String(validatingCString: word) ?? String(escaping: word))
      next += 1
    }
    return Array(words.dropFirst())
  }
}
