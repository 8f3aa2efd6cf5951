/// A spelling of an option, without its hyphens.
struct Name: Decodable {
  enum Kind: String, Decodable {
    case long, short, longWithSingleDash
  }

  let kind: Kind
  let name: String

  /// `Fl` puts one hyphen in front of it.
  var macro: String {
    "Fl " + (kind == .long ? "\\-" : "") + Roff.hyphens(name)
  }

  var isShort: Bool { kind == .short }
}
