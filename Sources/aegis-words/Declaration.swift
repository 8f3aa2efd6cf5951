/// A verb, or a group of options that several verbs share.
struct Declaration {
  let type: String
  /// nil for a group.
  var verb: String?
  /// Its properties in order.
  var properties: [Property] = []

  /// The declarations of a file.
  static func read(_ text: SwiftText) throws(SourceError) -> [Declaration] {
    var declarations: [Declaration] = []
    var place = 0
    while place < text.end {
      if text.wordText(at: place) == "struct" {
        let name = text.skippingBlanks(place + "struct".count)
        let body = try text.next({ $0 == "{" }, from: name)
        let end = try body < text.end ? text.after(body) : body
        let inherited = text[name..<body]
        if inherited.contains("ParsableCommand") || inherited.contains("ParsableArguments") {
          var declaration = Declaration(type: text.wordText(at: name))
          try declaration.readBody(text, body + 1..<end - 1)
          declarations.append(declaration)
        }
        place = end
      } else {
        place = try text.after(place)
      }
    }
    return declarations
  }

  private mutating func readBody(_ text: SwiftText, _ range: Range<Int>) throws(SourceError) {
    var place = range.lowerBound
    while place < range.upperBound {
      let word = text.wordText(at: place)
      if text[place] == "@", let kind = Property.Kind(rawValue: text.wordText(at: place + 1)) {
        place = try readProperty(kind, text, from: place + 1 + kind.rawValue.count)
      } else if word == "configuration", verb == nil {
        let bracket = try text.next({ $0 == "(" }, from: place)
        place = try text.after(bracket)
        let name = try text.parts(bracket + 1..<place - 1).first.map { text[$0] } ?? ""
        guard name.hasPrefix("\"") else { throw SourceError("\(type): its verb has no name") }
        verb = String(name.dropFirst().dropLast())
      } else {
        place = try text.after(place)
      }
    }
  }

  /// - Returns: The place after it.
  private mutating func readProperty(
    _ kind: Property.Kind, _ text: SwiftText, from start: Int
  ) throws(SourceError) -> Int {
    var place = start
    var attributes: [String: String] = [:]
    if text[place] == "(" {
      let end = try text.after(place)
      for part in try text.parts(place + 1..<end - 1) {
        let label = text.skippingBlanks(part.lowerBound)
        let colon = label + text.wordText(at: label).count
        guard text[colon] == ":" else { continue }
        attributes[text[label..<colon]] = text[colon + 1..<part.upperBound]
      }
      place = end
    }
    place = text.skippingBlanks(place)
    guard text.wordText(at: place) == "var" else {
      throw SourceError("\(type): a private or computed property takes no words")
    }
    let end = try text.next(\.isNewline, from: place)
    let equals = min(end, try text.next({ $0 == "=" }, from: place))
    let colon = min(equals, try text.next({ $0 == ":" }, from: place))
    properties.append(
      try Property(
        kind, text[place + "var".count..<colon],
        type: colon < equals ? text[colon + 1..<equals] : nil,
        initial: equals < end ? text[equals + 1..<end] : nil, attributes: attributes))
    return end
  }
}
