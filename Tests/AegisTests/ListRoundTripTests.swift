import Testing

@testable import Aegis

/// Ten thousand lists of every format that lists can be written in keep every field that the format has.
@Suite("Lists, written and read")
struct ListRoundTripTests {
  private static let count = 10_000

  @Test(arguments: ListWriter.allCases)
  func everyFieldIsKept(_ writer: ListWriter) {
    var random = SplitMix64(seed: 22)
    var options = ListOptions()
    options.bounds = ListBounds.none
    options.format = writer.format
    for number in 0..<Self.count {
      var lines: [ListLineToWrite] = []
      for _ in 0..<Int.random(in: 1...5, using: &random) { lines.append(writer.line(&random)) }
      let text = writer.text(lines, &random)
      let contents = ListFile.drops(Array(text.utf8), options)
      let read = contents.stated.map { ListLineToWrite($0.element, $0.terms) }
      if read != lines || !contents.errors.isEmpty {
        Issue.record("\(number): \(text)\n\(contents.errors)\n\(read)")
        return
      }
    }
  }
}

/// An entry with what is said of it.
struct ListLineToWrite: Equatable {
  let prefix: Prefix
  var terms: ListTerms

  init(_ prefix: Prefix, _ terms: ListTerms = ListTerms()) {
    self.prefix = prefix
    self.terms = terms
  }

  /// `FIRST-LAST`, with something between.
  func range(_ dash: String) -> String {
    let hosts = prefix.length == 0 ? UInt128.max : ~(.max << UInt128(128 - prefix.length))
    let last = prefix.address.replacing(leftAligned: prefix.address.leftAligned | hosts)
    // Nobody can say whether the end of such a range is of IPv4.
    if last.unmapped != last { return "\(prefix)" }
    return "\(prefix.address)\(dash)\(last)"
  }
}

enum ListWriter: CaseIterable {
  case plain, ranges, columns, dshield, spamhaus, spamhausLines, crowdsec, crowdsecLines,
    crowdsecAlerts
  case ipset, netmask, nft, dump, strings

  /// nil leaves it to be found.
  var format: ListFormat? {
    switch self {
    case .columns: .columns
    case .dshield: .dshield
    case .spamhaus: .spamhaus
    default: nil
    }
  }

  private static let comments = [
    "nomatch", "timeout", "-exist", "add x 192.0.2.1", "# none; at all", "größer", "comment",
    "a  b",
  ]

  private var hasNote: Bool {
    switch self {
    case .spamhaus, .spamhausLines, .crowdsec, .crowdsecLines, .crowdsecAlerts, .ipset, .nft, .dump:
      true
    case .plain, .ranges, .columns, .dshield, .netmask, .strings: false
    }
  }

  /// In ms, the least that it can say.
  private var resolution: Int64? {
    switch self {
    case .crowdsec, .crowdsecLines, .crowdsecAlerts, .dump: 1
    case .ipset, .netmask, .nft: 1000
    case .plain, .ranges, .columns, .dshield, .spamhaus, .spamhausLines, .strings: nil
    }
  }

  func line(_ random: inout SplitMix64) -> ListLineToWrite {
    var prefix = random.prefix()
    while self == .dshield || self == .netmask, prefix.address.width == 128 {
      prefix = random.prefix()
    }
    if self == .netmask { prefix = Prefix(masking: prefix.address, length: 20) }
    var terms = ListTerms()
    // What a dump does not say of an entry, the entry has not.
    terms.isWhole = self == .dump
    if hasNote, random.chance(2) {
      terms.note = Note(clipping: Self.comments.randomElement(using: &random) ?? "")
    }
    if let resolution, random.chance(2) {
      let most = (Lifetime.longest / .milliseconds(1)) / Double(resolution)
      let count = random.chance(2) ? 1...100_000 : 1...Int64(most)
      terms.lifetime = .milliseconds(Int64.random(in: count, using: &random) * resolution)
    }
    return ListLineToWrite(prefix, terms)
  }

  func text(_ lines: [ListLineToWrite], _ random: inout SplitMix64) -> String {
    let end = random.chance(3) ? "\r\n" : "\n"
    let items = lines.map { item($0, &random) }
    switch self {
    case .plain, .ranges, .columns, .spamhaus, .spamhausLines, .crowdsecLines:
      return items.joined(separator: end) + (random.chance(2) ? end : "")
    case .dshield:
      return "# c\(end)Start\tEnd\tNetmask\tAttacks\(end)" + items.joined(separator: end)
    case .crowdsec, .crowdsecAlerts, .strings: return "[" + items.joined(separator: ",\n") + "]"
    case .ipset, .netmask:
      let mask = self == .netmask ? "hash:ip netmask 20" : "hash:net"
      return "create s \(mask) timeout 77 comment\(end)" + items.joined(separator: end)
    case .nft:
      return #"{"nftables":[{"metainfo":{}},{"set":{"name":"s","type":"ipv6_addr","elem":["#
        + items.joined(separator: ",") + "]}}]}"
    case .dump: return #"{"kind":"Dump","drops":["# + items.joined(separator: ",") + "]}"
    }
  }

  private func item(_ line: ListLineToWrite, _ random: inout SplitMix64) -> String {
    let (prefix, note) = (line.prefix, line.terms.note?.text)
    let milliseconds = line.terms.lifetime.map { lifetime in
      lifetime.components.seconds * 1000 + lifetime.components.attoseconds / 1_000_000_000_000_000
    }
    switch self {
    case .plain:
      let ends = ["", " ", "\t# x", " ; SBL1", "#", " note", ",DE,7.5", "\t33x 24"]
      return (random.chance(3) ? " " : "") + "\(prefix)"
        + (ends.randomElement(using: &random) ?? "")
    case .ranges: return line.range(["-", " - ", "- ", "\t-"].randomElement(using: &random) ?? "-")
    case .columns: return "\(prefix)" + (random.chance(2) ? "" : ",192.0.2.1,24")
    case .dshield: return line.range("\t") + "\t\(prefix.length)\t99\tNAME of it\tDE\ta@b"
    case .spamhaus: return "\(prefix)" + (note.map { " ; \($0)" } ?? "")
    case .spamhausLines:
      return #"{"cidr":"\#(prefix)""# + (note.map { #","sblid":"\#($0)""# } ?? "") + "}"
    case .crowdsec, .crowdsecLines: return decision(prefix, note, milliseconds)
    case .crowdsecAlerts: return #"{"decisions":[\#(decision(prefix, note, milliseconds))]}"#
    case .ipset, .netmask:
      let timeout = " timeout \((milliseconds ?? 0) / 1000)"
      return "add s \(self == .netmask ? "\(prefix.address)" : "\(prefix)")\(timeout)"
        + (note.map { " comment \"\($0)\"" } ?? "")
    case .nft: return element(line, note, milliseconds, &random)
    case .dump:
      return #"{"name":"\#(prefix)""# + (note.map { #","note":"\#($0)""# } ?? "")
        + (milliseconds.map { #","remainingMilliseconds":\#($0)"# } ?? "") + "}"
    case .strings: return "\"\(prefix)\""
    }
  }

  private func decision(_ prefix: Prefix, _ note: String?, _ milliseconds: Int64?) -> String {
    let scope = prefix.isHost ? "Ip" : "Range"
    let duration = milliseconds.map {
      #""duration":"\#($0 / 3_600_000)h\#($0 / 60_000 % 60)m\#(Double($0 % 60_000) / 1000)s","#
    }
    return "{" + (duration ?? "") + (note.map { #""scenario":"\#($0)","# } ?? "")
      + #""scope":"\#(scope)","type":"ban","value":"\#(prefix)"}"#
  }

  private func element(
    _ line: ListLineToWrite, _ note: String?, _ milliseconds: Int64?, _ random: inout SplitMix64
  ) -> String {
    let (prefix, address) = (line.prefix, line.prefix.address)
    let ends = line.range("|").split(separator: "|")
    let value =
      prefix.isHost
      ? "\"\(address)\""
      : random.chance(2) || ends.count < 2
        ? #"{"prefix":{"addr":"\#(address)","len":\#(prefix.length)}}"#
        : #"{"range":["\#(ends[0])","\#(ends[1])"]}"#
    if note == nil, milliseconds == nil { return value }
    return #"{"elem":{"val":\#(value)"# + (note.map { #","comment":"\#($0)""# } ?? "")
      + (milliseconds.map { #","timeout":9,"expires":\#($0 / 1000)"# } ?? "") + "}}"
  }
}
