/// Reads documents as trees. Anything that could make a small text expand, or make the reader run away, is refused:
/// anchors, aliases, tags, and more levels than any of our documents has.
struct YAMLTree: ~Copyable {
  private let parser: YAMLParser
  private static let deepest = 16

  /// The documents of a UTF-8 stream, without empty ones.
  static func documents(_ bytes: [UInt8]) throws(YAMLSyntaxError) -> [YAMLNode] {
    let tree = try YAMLTree(bytes)
    var documents: [YAMLNode] = []
    while true {
      let event = try tree.next()
      switch event.kind {
      case .streamEnd: return documents
      case .documentStart:
        let root = try tree.node(tree.next(), depth: 1)
        if !root.isNull { documents.append(root) }
      default: break
      }
    }
  }

  private init(_ bytes: [UInt8]) throws(YAMLSyntaxError) {
    parser = try Self.parser(bytes)
  }

  private static func parser(_ bytes: [UInt8]) throws(YAMLSyntaxError) -> YAMLParser {
    do {
      return try YAMLParser(bytes: bytes)
    } catch {
      throw YAMLSyntaxError(line: 1, problem: error.problem)
    }
  }

  private func next() throws(YAMLSyntaxError) -> YAMLEventValue {
    do {
      return YAMLEventValue(try parser.next())
    } catch {
      let line = parser.problemLine
      throw YAMLSyntaxError(
        line: line, problem: "is not YAML: \(error.problem)",
        hint: YAMLMistake.hint(error.problem, before: parser.lines(to: line)))
    }
  }

  private func node(
    _ event: YAMLEventValue, depth: Int
  ) throws(YAMLSyntaxError) -> YAMLNode {
    try check(event)
    guard depth <= Self.deepest else {
      throw YAMLSyntaxError(
        line: event.line, problem: "is nested more than \(Self.deepest) levels deep")
    }
    switch event.kind {
    case .sequenceStart: return try sequence(event.line, depth)
    case .mappingStart: return try mapping(event.line, depth)
    case .scalar(let text, let isPlain):
      return YAMLNode(line: event.line, content: .scalar(text, isPlain: isPlain))
    default: throw YAMLSyntaxError(line: event.line, problem: "is not YAML")
    }
  }

  private func sequence(_ line: Int, _ depth: Int) throws(YAMLSyntaxError) -> YAMLNode {
    var nodes: [YAMLNode] = []
    while true {
      let event = try next()
      if case .sequenceEnd = event.kind {
        return YAMLNode(line: line, content: .sequence(nodes))
      }
      nodes.append(try node(event, depth: depth + 1))
    }
  }

  private func mapping(_ line: Int, _ depth: Int) throws(YAMLSyntaxError) -> YAMLNode {
    var members: [YAMLNode.Member] = []
    while true {
      let event = try next()
      if case .mappingEnd = event.kind {
        return YAMLNode(line: line, content: .mapping(members))
      }
      try check(event)
      guard case .scalar(let name, _) = event.kind else {
        throw YAMLSyntaxError(
          line: event.line, problem: "the name of a field is a list or a mapping; expected a word")
      }
      let value = try node(next(), depth: depth + 1)
      members.append(YAMLNode.Member(name: name, line: event.line, value: value))
    }
  }

  private func check(_ event: YAMLEventValue) throws(YAMLSyntaxError) {
    if case .alias(let name) = event.kind {
      throw YAMLSyntaxError(
        line: event.line, problem: "aliases are refused: \(InputText.quoted("*" + name))",
        hint: "write the value out")
    }
    if let anchor = event.anchor {
      throw YAMLSyntaxError(
        line: event.line, problem: "anchors are refused: \(InputText.quoted("&" + anchor))",
        hint: "write the value out where it is needed")
    }
    if let tag = event.tag {
      throw YAMLSyntaxError(
        line: event.line, problem: "tags are refused: \(InputText.quoted(tag))",
        hint: "leave it out")
    }
  }
}
