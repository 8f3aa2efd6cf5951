/// Lists that people already have, told apart by what is in them.
///
/// - One element a line, with comments from a `#` or `;` on.
/// - What `ipset save` prints, of sets of addresses or networks.
/// - What `nft -j list set` prints, and what Aegis's own `dump -o json` does.
///
/// Blanks around an entry, CRLF, a byte order mark and a last line without its end are all fine.
public enum ListFile {
  /// Sources to drop.
  public static func drops(_ bytes: [UInt8]) -> ListContents<Prefix> { read(bytes) }

  /// Allow keys.
  public static func keys(_ bytes: [UInt8]) -> ListContents<AllowKey> { read(bytes) }

  /// Reads everything that can be, whatever is wrong with the rest.
  static func read<Element: ListElement>(_ bytes: [UInt8]) -> ListContents<Element> {
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let start = bytes.starts(with: mark) ? mark.count : 0
    switch ListFormat(bytes[start...]) {
    case .plain: return PlainList.read(bytes.span, from: start)
    case .ipset: return IPSetList<Element>.read(bytes.span, from: start)
    case .json: return JSONList.read(bytes[start...])
    }
  }
}

enum ListFormat {
  case plain, ipset, json

  /// By the first line that is neither blank nor a comment.
  init(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while true {
      rest = rest.drop { ListLine.isBlank($0) || $0 == ListLine.end }
      guard let first = rest.first, ListLine.isComment(first) else { break }
      rest = rest.drop { $0 != ListLine.end }
    }
    let word = rest.prefix(8).prefix { !ListLine.isBlank($0) }
    if rest.first == UInt8(ascii: "{") {
      self = .json
    } else if IPSetVerb(word) != nil {
      self = .ipset
    } else {
      self = .plain
    }
  }
}
