/// Swift source, parsed only for brackets, strings and comments.
struct SwiftText {
  private let characters: [Character]

  init(_ text: String) { characters = Array(text) }

  var end: Int { characters.count }

  subscript(place: Int) -> Character? { place < end ? characters[place] : nil }

  subscript(range: Range<Int>) -> String {
    String(String(characters[range]).drop(while: \.isWhitespace)).trimmingEnd
  }

  /// The place after the item that begins here: a bracketed group, a string, a comment, a word or a character.
  func after(_ place: Int) throws(SourceError) -> Int {
    switch characters[place] {
    case "(": try bracket(place, ")")
    case "[": try bracket(place, "]")
    case "{": try bracket(place, "}")
    case "\"": try string(place)
    case "/" where starts("//", at: place): line(place)
    case "_": word(place)
    case let character where character.isLetter: word(place)
    default: place + 1
    }
  }

  /// The word that begins here.
  func wordText(at place: Int) -> String {
    String(characters[place..<max(place, min(end, word(place)))])
  }

  /// The next place that is not blank.
  func skippingBlanks(_ place: Int) -> Int {
    var place = place
    while place < end, characters[place].isWhitespace { place += 1 }
    return place
  }

  /// The place of the next matching character outside brackets, strings and comments.
  func next(_ isWanted: (Character) -> Bool, from place: Int) throws(SourceError) -> Int {
    var place = place
    while place < end, !isWanted(characters[place]) { place = try after(place) }
    return place
  }

  /// The parts between commas in a range, outside brackets and strings.
  func parts(_ range: Range<Int>) throws(SourceError) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var place = range.lowerBound
    while place < range.upperBound {
      let comma = min(range.upperBound, try next({ $0 == "," }, from: place))
      parts.append(place..<comma)
      place = comma + 1
    }
    return parts
  }

  private func starts(_ text: String, at place: Int) -> Bool {
    characters[place...].starts(with: text)
  }

  private func word(_ place: Int) -> Int {
    var place = place
    while let character = self[place], character.isLetter || character.isNumber || character == "_"
    { place += 1 }
    return place
  }

  private func line(_ place: Int) -> Int { characters[place...].firstIndex(of: "\n") ?? end }

  private func bracket(_ start: Int, _ closing: Character) throws(SourceError) -> Int {
    var place = start + 1
    while place < end {
      if characters[place] == closing { return place + 1 }
      place = try after(place)
    }
    throw SourceError("a \(characters[start]) is not closed")
  }

  private func string(_ start: Int) throws(SourceError) -> Int {
    let quote = starts("\"\"\"", at: start) ? "\"\"\"" : "\""
    var place = start + quote.count
    while place < end {
      if starts(quote, at: place) { return place + quote.count }
      if starts("\\(", at: place) {
        place = try after(place + 1)
      } else {
        place += characters[place] == "\\" ? 2 : 1
      }
    }
    throw SourceError("a string is not closed")
  }
}

extension String {
  fileprivate var trimmingEnd: String {
    var text = self
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
