/// Suggestions for a mistyped word.
enum Nearest {
  /// The names in `known` that are similar to `word`, the closest first, at most three.
  static func names(to word: String, of known: [String]) -> [String] {
    let word = word.lowercased().map { $0 == "_" ? "-" : $0 }
    // A word longer than any name is not worth the time.
    guard 1...40 ~= word.count else { return [] }
    let near = known.compactMap { name -> (cost: Int, name: String)? in
      cost(Array(name), word).map { ($0, name) }
    }
    // Of two equally close names, the one that begins with the word comes first.
    let order = near.map {
      (cost: 2 * $0.cost - ($0.name.hasPrefix(String(word)) ? 1 : 0), name: $0.name)
    }
    return order.sorted { ($0.cost, $0.name) < ($1.cost, $1.name) }.prefix(3).map(\.name)
  }

  /// nil for names that are not similar.
  private static func cost(_ name: [Character], _ word: [Character]) -> Int? {
    let edits = distance(name, word)
    if edits <= max(1, min(name.count, word.count) / 3) { return edits }
    guard word.count >= 2 else { return nil }
    // The beginning of the name, the name with more after it, or one of its parts: `drop`, `dump-drops`, `rate`.
    if name.starts(with: word) || word.starts(with: name) { return 5 }
    let parts = name.split(separator: "-")
    return parts.contains { distance(Array($0), word) <= (word.count > 3 ? 1 : 0) } ? 6 : nil
  }

  /// The number of characters to insert, delete, replace or swap with the next one.
  static func distance(_ one: [Character], _ other: [Character]) -> Int {
    var before: [Int] = []
    var last = Array(0...other.count)
    for (row, character) in one.enumerated() {
      var line = [row + 1]
      for (column, another) in other.enumerated() {
        var cost = min(
          last[column + 1] + 1, line[column] + 1, last[column] + (character == another ? 0 : 1))
        if row > 0, column > 0, character == other[column - 1], one[row - 1] == another {
          cost = min(cost, before[column - 1] + 1)
        }
        line.append(cost)
      }
      (before, last) = (last, line)
    }
    return last[other.count]
  }

  /// `did you mean status or stats?`; nil if no name is similar.
  static func question(_ word: String, of known: [String]) -> String? {
    let names = names(to: word, of: known)
    return names.isEmpty ? nil : "did you mean \(WordList.text(names, "or"))?"
  }
}

enum WordList {
  /// `a, b and c`.
  static func text(_ words: [String], _ last: String) -> String {
    guard let end = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " \(last) \(end)"
  }
}
