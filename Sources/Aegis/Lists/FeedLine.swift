internal import FoundationEssentials

/// A line of a stream that changes a list: `add ADDR [TTL] [NOTE]`, `del ADDR`, or a decision of CrowdSec as its
/// bouncers are fed with them.
public enum FeedLine: Sendable {
  case add([Prefix], ListTerms)
  case remove([Prefix])
  /// A blank line, a comment, or a decision that does not concern addresses.
  case nothing

  /// - Throws: `InputError` for anything else, and for prefixes that are too wide.
  public init(_ line: [UInt8], _ options: ListOptions) throws(InputError) {
    guard !line.contains(0), let text = String(validating: line, as: UTF8.self) else {
      throw InputError(String(decoding: line.prefix(100), as: UTF8.self), "is not text")
    }
    let written = ListLine.trimmed(text)
    if written.isEmpty || written.utf8.first.map(ListLine.isComment) ?? false {
      self = .nothing
    } else if written.hasPrefix("{") {
      self = try Self.decision(written, options)
    } else {
      self = try Self.words(written, options)
    }
  }

  private static func words(
    _ text: Substring, _ options: ListOptions
  ) throws(InputError) -> FeedLine {
    let words = text.split(maxSplits: 2) { $0 == " " || $0 == "\t" }
    guard words.count > 1, ["add", "del"].contains(words[0]) else {
      throw InputError(
        text, "is not a line of a stream", hint: "write add ADDR [TTL] [NOTE], or del ADDR")
    }
    let isRemoval = words[0] == "del"
    var options = options
    options.isRemoval = isRemoval
    var contents = ListContents<Prefix>(bounds: options.boundsInForce)
    try contents.take(.line(1)) { notes throws(InputError) in
      try ListColumns.elements(words[1], options, noting: &notes)
    }
    if isRemoval {
      if words.count > 2 { throw InputError(text, "has more than an address behind del") }
      return .remove(contents.elements)
    }
    var terms = ListTerms()
    if words.count > 2 {
      let rest = words[2].split(maxSplits: 1) { $0 == " " || $0 == "\t" }
      let lifetime = try? Lifetime(rest[0])
      if case .limited(let duration)? = lifetime { terms.lifetime = duration }
      terms.isWhole = lifetime == .forGood
      let note = lifetime == nil ? words[2] : rest.count > 1 ? rest[1] : ""
      terms.note = Note(clipping: String(note))
    }
    return .add(contents.elements, terms)
  }

  private static func decision(
    _ text: Substring, _ options: ListOptions
  ) throws(InputError) -> FeedLine {
    let item: JSONItem = try JSONList.decode(Data(text.utf8))
    var options = options
    options.isRemoval = item.isDeletion
    var contents = ListContents<Prefix>(bounds: options.boundsInForce)
    guard item.isKnown else { throw InputError(text, "is not a decision of CrowdSec") }
    try item.take(.line(1), options, into: &contents)
    if contents.entries.isEmpty { return .nothing }
    return options.isRemoval
      ? .remove(contents.elements) : .add(contents.elements, contents.stated[0].terms)
  }
}
