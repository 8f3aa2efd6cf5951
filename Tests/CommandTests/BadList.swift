import Foundation
import Testing

/// A list with something wrong in it.
struct BadList: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let contents: Data
  /// What is said, in order.
  let messages: [String]

  init(_ name: String, _ contents: Data, _ messages: [String]) {
    testDescription = name
    self.contents = contents
    self.messages = messages
  }

  init(_ name: String, _ contents: String, _ messages: String...) {
    self.init(name, Data(contents.utf8), messages)
  }

  static let all = [
    BadList("one bad line", "192.0.2.1\nnonsense\n192.0.2.2\n", "2: \"nonsense\""),
    BadList("last without its end", "192.0.2.1\nnonsense", "2: \"nonsense\""),
    BadList("first", "nonsense", "1: \"nonsense\""),
    BadList("after comments", "# a\n\n  # b\n192.0.2.300 # c\n", "4: \"192.0.2.300\""),
    BadList("two on a line", "192.0.2.1 192.0.2.2\n", "1: \"192.0.2.1 192.0.2.2\""),
    BadList("commas", "192.0.2.1,192.0.2.2\n", "1: \"192.0.2.1,192.0.2.2\""),
    BadList("CRLF", "192.0.2.1\r\nbad\r\n", "2: \"bad\":"),
    BadList("carriage returns alone", "192.0.2.1\r192.0.2.2\r", "1: \"192.0.2.1\\u{d}192.0.2.2\""),
    BadList("NUL", "192.0.2.1\n192.0.2.2\0\n", "2: ", "has a NUL byte"),
    BadList(
      "UTF-16", Data([0xff, 0xfe]) + Data("1\0.\02\0\n\0".utf8), ["1: ", "NUL", "not UTF-16"]),
    BadList(
      "invalid UTF-8", Data("192.0.2.1\n".utf8) + Data([0xc3, 0x28, 0x0a]), ["2: ", "UTF-8"]),
    BadList("Latin-1 in a comment", Data("192.0.2.1 # f".utf8) + Data([0xfc]), ["1: ", "UTF-8"]),
    BadList(
      "a late byte order mark", "192.0.2.1\n\u{feff}192.0.2.2\n", "2: \"\\u{feff}192.0.2.2\""),
    BadList("a long line", String(repeating: "1", count: 5000), "1: ", "more than 4096 bytes"),
    BadList(
      "a long comment", "192.0.2.1\n#" + String(repeating: "-", count: 5000), "2: ", "4096 bytes"),
    BadList("escape sequences", "\u{1b}]0:owned\u{7}\n", "1: \"\\u{1b}]0:owned\\u{7}\""),
    BadList("host bits", "192.0.2.1/24\n", "1: ", "hint: did you mean 192.0.2.0/24"),
    BadList("several", "a\n192.0.2.1\nb\n\nc\n", "1: \"a\"", "3: \"b\"", "5: \"c\""),
    BadList("twenty", lines(20), "1: \"x1\"", "20: \"x20\""),
    BadList("twenty-one", lines(21), "20: \"x20\"", "and 1 more errors; nothing was changed"),
    BadList("a file of another kind", lines(100_000), "20: \"x20\"", "and 99980 more errors"),
  ]

  private static func lines(_ count: Int) -> String {
    (1...count).map { "x\($0)\n" }.joined()
  }
}
