/// The output of `ipset save`: `create SET TYPE …` and `add SET ADDR [timeout SECONDS] [comment "…"]`.
///
/// A timeout becomes a lifetime; an entry without one gets the timeout of its set, and 0 means forever. Options of a
/// set apply to its members. An option that cannot be imported refuses the whole list.
struct IPSetList<Element: ListElement> {
  private var contents: ListContents<Element>
  private let options: ListOptions
  /// By name.
  private var sets: [String: IPSet] = [:]
  /// In order of appearance.
  private var names: [String] = []
  /// The beginning of lines that may be read quickly: `add SET ` with the set that was read last.
  private var head: [UInt8] = []

  private init(_ options: ListOptions) {
    contents = ListContents(bounds: options.boundsInForce)
    self.options = options
  }

  static func read(
    _ bytes: borrowing Span<UInt8>, from start: Int, _ options: ListOptions
  ) -> ListContents<Element> {
    var list = IPSetList(options)
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
    list.settle()
    return list.contents
  }

  /// Reads a line `add SET ELEMENT` of the same set as the line before, if that set has no options for its members.
  private func quick(_ bytes: borrowing Span<UInt8>, at position: inout Int) -> Element? {
    guard !head.isEmpty, bytes.count - position > head.count else { return nil }
    for index in head.indices where bytes[position + index] != head[index] { return nil }
    var at = position + head.count
    guard let element = Element.quick(bytes, at: &at),
      element.listedSource.map(contents.bounds.allow) ?? true
    else { return nil }
    position = at
    return element
  }

  private mutating func read(_ text: String, _ line: Int) throws(InputError) {
    // Comments may contain # or ;, so only whole-line comments are skipped.
    let trimmed = text.utf8.drop(while: ListLine.isBlank)
    guard let first = trimmed.first, !ListLine.isComment(first) else { return }
    let words = try IPSetWords.split(text).drop { $0 == "-exist" || $0 == "-!" }
    guard let word = words.first else { return }
    let rest = Array(words.dropFirst())
    head = []
    switch IPSetVerb(word.utf8) {
    case .create where rest.count > 1: use(rest[0]) { $0 = IPSet(type: rest[1], rest[2...]) }
    case .add where rest.count > 1: try add(rest[1], rest[2...], to: rest[0], line)
    case .create, .add:
      throw InputError(text, "has no set name, or no entry")
    case .flush where rest.first.flatMap { sets[$0] }?.hasMembers ?? false:
      stop(rest[0], "is flushed after entries were added")
    case .delete where !rest.isEmpty: stop(rest[0], "deletes entries that were added before")
    case .flush, .delete, .noEntry: break
    case nil:
      throw InputError(text, "is not a line of ipset save")
    }
  }

  private mutating func use(_ name: String, _ change: (inout IPSet) -> Void) {
    if sets[name] == nil { names.append(name) }
    change(&sets[name, default: IPSet()])
  }

  /// The first reason for a set counts.
  private mutating func stop(_ name: String, _ problem: String) {
    use(name) { $0.problem = $0.problem ?? problem }
  }

  private mutating func add(
    _ text: String, _ words: ArraySlice<String>, to name: String, _ line: Int
  ) throws(InputError) {
    if text.utf8.first == UInt8(ascii: "-") {
      throw InputError("\(name) \(text)", "is an iptables rule, not an entry of a set")
    }
    use(name) { $0.hasMembers = true }
    guard let set = sets[name], isWanted(name) else { return }
    let member = try IPSetMember(words)
    if member.isException {
      return stop(name, "excludes \(text) (nomatch), which a drop list cannot express")
    }
    guard !text.utf8.contains(UInt8(ascii: ",")) else {
      return stop(name, "has \(text), which is more than an address")
    }
    if set.problem != nil { return }
    var terms = ListTerms()
    terms.lifetime = try ListLife.seconds(member.timeout ?? set.timeout ?? 0, of: text)
    terms.note = member.comment.flatMap(Note.init(clipping:))
    try contents.take(.line(line), terms) { [options] notes throws(InputError) in
      try set.elements(text, options, noting: &notes)
    }
    if set.isPlain { head = Array("add \(name) ".utf8) }
  }

  private func isWanted(_ name: String) -> Bool {
    options.sets.isEmpty || options.sets.contains(name)
  }

  /// Refuses everything if the input cannot have been meant this way.
  private mutating func settle() {
    let choice = SetChoice(names, options.sets)
    var reasons = choice.errors
    for name in choice.chosen where choice.errors.isEmpty {
      if let problem = sets[name]?.problem { reasons.append(InputError(name, problem)) }
    }
    if !reasons.isEmpty { contents.refuseAll(reasons) }
  }
}

/// Options of `create` that concern the members of a set.
private struct IPSet {
  /// In seconds.
  private(set) var timeout: UInt64?
  /// The prefix length of the networks that the members stand for.
  private(set) var length: Int?
  /// Why the set is not a list of addresses.
  var problem: String?
  var hasMembers = false

  private static let types = [
    "hash:ip", "hash:net", "bitmap:ip", "iphash", "nethash", "ipmap", "iptree", "iptreemap",
  ]

  init() {}

  init(type: String, _ options: ArraySlice<String>) {
    if !Self.types.contains(type) { problem = "is a set of type \(type), not of addresses" }
    for (word, value) in zip(options, options.dropFirst()) {
      switch word {
      case "timeout", "--timeout":
        timeout = UInt64(digits: value[...])
        if timeout == nil { problem = "has the timeout \(value), which is not a number of seconds" }
      case "netmask", "--netmask", "bitmask":
        length = Self.length(value)
        if length == nil { problem = "has the \(word) \(value), which is not a prefix length" }
      default: break
      }
    }
  }

  /// Whether members stand for themselves and do not expire.
  var isPlain: Bool { timeout == nil && length == nil && problem == nil }

  /// The elements that a member stands for.
  func elements<Element: ListElement>(
    _ text: String, _ options: ListOptions, noting notes: inout [InputNote]
  ) throws(InputError) -> [Element] {
    if let length {
      return try AddressRange.networks(text, length: length).map(Element.init(source:))
    }
    let isRange = text.utf8.contains(UInt8(ascii: "-"))
    return try AddressRange.elements(
      isRange ? text : String(options.masked(text)), noting: &notes)
  }

  /// The length of a mask, or the number itself.
  private static func length(_ text: String) -> Int? {
    if let number = UInt64(digits: text[...]), number <= 128 { return Int(number) }
    return (try? IPAddress.literal(text[...]))?.keptBits
  }
}

/// The arguments of `add` for a member.
private struct IPSetMember {
  private(set) var timeout: UInt64?
  private(set) var comment: String?
  private(set) var isException = false

  /// Reads the words in order: the word after `comment` is never an option.
  init(_ words: ArraySlice<String>) throws(InputError) {
    var words = words
    while let word = words.popFirst() {
      switch word {
      case "-exist", "-!": break
      case "nomatch": isException = true
      case "comment": comment = words.popFirst()
      case "timeout": timeout = try Self.seconds(words.popFirst())
      case "packets", "bytes", "skbmark", "skbprio", "skbqueue": _ = words.popFirst()
      default: throw InputError(word, "is not a known member option")
      }
    }
  }

  private static func seconds(_ text: String?) throws(InputError) -> UInt64 {
    guard let text, let number = UInt64(digits: text[...]) else {
      throw InputError(text ?? "", "is not a number of seconds after timeout")
    }
    return number
  }
}

/// What a line of `ipset restore` does.
enum IPSetVerb {
  case create, add, delete, flush
  /// A line that does not change the contents of the sets.
  case noEntry

  init?(_ word: some Sequence<UInt8>) {
    switch String(decoding: Array(word), as: UTF8.self) {
    case "create", "-N": self = .create
    case "add", "-A": self = .add
    case "del", "-D": self = .delete
    case "flush", "-F": self = .flush
    case "swap", "rename", "destroy", "COMMIT", "quit": self = .noEntry
    default: return nil
    }
  }
}

enum IPSetWords {
  /// Splits at blanks; quotes keep words together.
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
    guard !isQuoted else { throw InputError(text, "has a \" without a closing one") }
    if isWord { words.append(String(decoding: word, as: UTF8.self)) }
    return words
  }
}
