/// Lists that people already have, told apart by what is in them.
///
/// - One entry a line, with comments from a `#` or `;` on, and columns after it.
/// - What `ipset save` prints, of sets of addresses or networks.
/// - What `nft -j list set` prints, and what Aegis's own `dump -o json` does.
/// - What DShield, Spamhaus and CrowdSec offer.
///
/// Blanks around an entry, CRLF, a byte order mark and a last line without its end are all fine.
public enum ListFile {
  /// Sources to drop.
  public static func drops(
    _ bytes: [UInt8], _ options: ListOptions = ListOptions()
  ) -> ListContents<Prefix> { read(bytes, options) }

  /// Allow keys.
  public static func keys(
    _ bytes: [UInt8], _ options: ListOptions = ListOptions()
  ) -> ListContents<AllowKey> { read(bytes, options) }

  /// Reads everything that can be, whatever is wrong with the rest.
  static func read<Element: ListElement>(
    _ bytes: [UInt8], _ options: ListOptions
  ) -> ListContents<Element> {
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let start = bytes.starts(with: mark) ? mark.count : 0
    let opening = ListOpening(bytes[start...])
    let format = options.format ?? opening.format
    if options.format == nil, let refusal = opening.refusal { return refused(refusal) }
    switch format {
    case .ipset: return IPSetList<Element>.read(bytes.span, from: start, options)
    case nil, .crowdsec, .nft, .json: return JSONList.read(bytes[start...], options)
    case .spamhaus where ListOpening.isJSON(bytes[start...]):
      return JSONList.read(bytes[start...], options)
    case .plain?, .columns?, .dshield?, .spamhaus?:
      if let set = options.sets.first {
        return refused(InputError(set, "is not in this list: it has no sets"))
      }
      return PlainList.read(bytes.span, from: start, as: format ?? .plain, options)
    }
  }

  private static func refused<Element>(_ reason: InputError) -> ListContents<Element> {
    var contents = ListContents<Element>()
    contents.refuseAll([reason])
    return contents
  }
}
