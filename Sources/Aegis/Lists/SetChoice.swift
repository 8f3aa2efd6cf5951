/// Which sets of a file to read.
struct SetChoice {
  private(set) var chosen: [String] = []
  private(set) var errors: [InputError] = []

  private static let mostNamed = 10

  /// - Parameters:
  ///   - names: The sets in the file.
  ///   - wanted: The sets that were requested.
  init(_ names: [String], _ wanted: [String]) {
    let named = names.prefix(Self.mostNamed).joined(separator: ", ")
    let all = names.count > Self.mostNamed ? named + " and others" : named
    if wanted.isEmpty, names.count > 1 {
      errors = [
        InputError(
          all, "are \(names.count) sets; one of them must be chosen",
          hint: "for example --set \(ShellWord(names[0]))")
      ]
    }
    for name in wanted where !names.contains(name) {
      errors.append(
        InputError(
          name, "is not a set in the list", hint: all.isEmpty ? nil : "the list has \(all)"))
    }
    chosen = wanted.isEmpty ? names : wanted
  }
}
