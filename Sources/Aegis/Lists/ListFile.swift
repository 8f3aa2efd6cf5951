/// Lists in common formats, recognized by their contents.
///
/// - One entry per line, with comments that begin with `#` or `;`, and further columns.
/// - The output of `ipset save`, for sets of addresses or networks.
/// - The output of `nft -j list set`, and of Aegis's own `dump -o json`.
/// - The lists of DShield, Spamhaus and CrowdSec.
///
/// Blanks around an entry, CRLF, a byte order mark and a last line without a newline are accepted.
public enum ListFile {
  /// Sources to drop.
  public static func drops(
    _ bytes: [UInt8], _ options: ListOptions = ListOptions()
  ) -> ListContents<Prefix> { read(bytes, options) }

  /// Allow keys.
  public static func keys(
    _ bytes: [UInt8], _ options: ListOptions = ListOptions()
  ) -> ListContents<AllowKey> { read(bytes, options) }

  /// Reads all valid parts, whatever is wrong with the rest.
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
