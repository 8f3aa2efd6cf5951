import Aegis

/// Tools like fail2ban call these verbs thousands of times with a few plain words. Reading those here takes
/// half of the whole process's time away; whatever else there is, and whatever is wrong, is left to
/// ArgumentParser.
extension EntryRequest {
  /// nil unless every word is plain: an element, or one of the commonest options with a valid value.
  init?(quickly words: some Sequence<String>, protectable: Bool) {
    self.init(root: InstanceOptions.root(given: nil))
    if !root.path.hasPrefix("/") || root.path.contains(".") { return nil }
    var words = words.makeIterator()
    while let word = words.next() {
      switch word {
      case "--remove": isRemoval = true
      case "--quiet", "-q": style.isQuiet = true
      case "--force": lockOut.isForced = true
      case "--protect" where protectable: isProtected = true
      case "--ttl":
        guard lifetime == nil, let text = words.next(), let ttl = try? Lifetime(text) else {
          return nil
        }
        lifetime = ttl
      case "--extend" where !protectable: extends = true
      case "--note":
        guard note == nil, let text = words.next(), !text.hasPrefix("-") else { return nil }
        note = text
      default:
        if word.isEmpty || word.hasPrefix("-") { return nil }
        self.words.append(word)
      }
    }
    if self.words.isEmpty || extends && lifetime == nil { return nil }
    if isRemoval, lifetime != nil || note != nil || isProtected { return nil }
  }

  /// Does what the arguments of the whole command say, if they are plain.
  ///
  /// - Returns: Whether they were.
  static func runQuickly(_ arguments: [String]) throws -> Bool {
    switch arguments.first {
    case "drop-ip":
      guard let request = Self(quickly: arguments.dropFirst(), protectable: false) else {
        return false
      }
      try request.drop()
    case "allow-key":
      guard let request = Self(quickly: arguments.dropFirst(), protectable: true) else {
        return false
      }
      try request.allow()
    default: return false
    }
    return true
  }
}
