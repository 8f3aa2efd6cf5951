/// What `ipset save` prints: `create SET TYPE …` and `add SET ADDR [timeout SECONDS] [comment "…"]`.
///
/// Every set in it counts. A timeout becomes a lifetime, of the set where the entry has none, and 0 is for good.
struct IPSetList<Element: ListElement> {
  private var contents = ListContents<Element>()
  /// Of sets that have one, in seconds.
  private var timeouts: [String: UInt64] = [:]

  static func read(_ bytes: borrowing Span<UInt8>, from start: Int) -> ListContents<Element> {
    var list = IPSetList()
    list.contents.entries.reserveCapacity(bytes.lines)
    var position = start
    var line = 0
    while position < bytes.count {
      line += 1
      if let element = list.quick(bytes, at: &position) {
        list.contents.entries.append(ListEntry(element, line: line, terms: 0))
        continue
      }
      do throws(InputError) {
        try list.read(ListLine.next(bytes, at: &position), line)
      } catch {
        list.contents.refuse(.line(line), error)
      }
    }
    return list.contents
  }

  /// A line `add SET ELEMENT`, of sets without a timeout.
  private func quick(_ bytes: borrowing Span<UInt8>, at position: inout Int) -> Element? {
    guard timeouts.isEmpty else { return nil }
    var at = position
    for byte in "add ".unicodeScalars where !QuickScan.skip(byte, bytes, &at) { return nil }
    let name = at
    while at < bytes.count, bytes[at] > UInt8(ascii: " ") { at += 1 }
    guard at > name, QuickScan.skip(" ", bytes, &at) else { return nil }
    guard let element = Element.quick(bytes, at: &at) else { return nil }
    position = at
    return element
  }

  private mutating func read(_ text: String, _ line: Int) throws(InputError) {
    // Comments may hold a # or ;, so only those of a whole line are left out.
    let trimmed = text.utf8.drop(while: ListLine.isBlank)
    guard let first = trimmed.first, !ListLine.isComment(first) else { return }
    let words = try IPSetWords.split(text).filter { $0 != "-exist" && $0 != "-!" }
    guard let word = words.first else { return }
    switch IPSetVerb(word.utf8) {
    case .create where words.count > 2:
      timeouts[words[1]] = try Self.number(after: "timeout", in: words[2...])
    case .add where words.count > 2:
      try add(words[2], words[3...], set: words[1], line)
    case .create, .add:
      throw InputError(text, "has no set, or nothing to put there")
    case .noEntry: break
    case .delete:
      throw InputError(text, "takes an entry away, which a list does not do")
    case nil:
      throw InputError(text, "is no line of ipset save")
    }
  }

  private mutating func add(
    _ text: String, _ options: ArraySlice<String>, set: String, _ line: Int
  ) throws(InputError) {
    if options.contains("nomatch") {
      throw InputError(text, "is an exception from a longer prefix, which there is no entry for")
    }
    var notes: [InputNote] = []
    let elements: [Element] = try AddressRange.elements(text, noting: &notes)
    let seconds = try Self.number(after: "timeout", in: options) ?? timeouts[set] ?? 0
    var terms = ListTerms()
    terms.lifetime = try ListLife.seconds(seconds, of: text)
    terms.note = Self.word(after: "comment", in: options).flatMap(Note.init(clipping:))
    for element in elements { contents.append(element, line: line, terms) }
    contents.note(.line(line), notes)
  }

  private static func word(after name: String, in words: ArraySlice<String>) -> String? {
    guard let index = words.firstIndex(of: name), index + 1 < words.endIndex else { return nil }
    return words[index + 1]
  }

  private static func number(
    after name: String, in words: ArraySlice<String>
  ) throws(InputError) -> UInt64? {
    guard words.contains(name) else { return nil }
    let text = word(after: name, in: words) ?? ""
    guard let number = UInt64(digits: text[...]) else {
      throw InputError(text, "is not a number of seconds after \(name)")
    }
    return number
  }
}

/// What a line of `ipset restore` does.
enum IPSetVerb {
  case create, add, delete
  /// Nothing that matters to what is in the sets.
  case noEntry

  init?(_ word: some Sequence<UInt8>) {
    switch String(decoding: Array(word), as: UTF8.self) {
    case "create", "-N": self = .create
    case "add", "-A": self = .add
    case "del", "-D": self = .delete
    case "flush", "swap", "rename", "destroy", "COMMIT", "quit": self = .noEntry
    default: return nil
    }
  }
}

enum IPSetWords {
  /// Words between blanks; quotes hold one together.
  static func split(_ text: String) throws(InputError) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    var isQuoted = false
    var isWord = false
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
        isWord = true
      } else if ListLine.isBlank(byte), !isQuoted {
        if isWord { words.append(String(decoding: word, as: UTF8.self)) }
        (word, isWord) = ([], false)
      } else {
        word.append(byte)
        isWord = true
      }
    }
    guard !isQuoted else { throw InputError(text, "has a \" without another") }
    if isWord { words.append(String(decoding: word, as: UTF8.self)) }
    return words
  }
}
