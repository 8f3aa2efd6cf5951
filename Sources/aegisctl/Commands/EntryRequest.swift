import Aegis
import ArgumentParser

/// What `drop-ip` or `allow-key` was asked, however its words were read.
struct EntryRequest {
  var words: [String] = []
  var file: String?
  var lifetime: Duration?
  var note: String?
  var isRemoval = false
  var isProtected = false
  var rate: String?
  var burst: UInt32?
  var root: PinRoot
  var lockOut = GuardRequest()
  var style = ChangeStyle()

  func drop() throws {
    let prefixes = try elements { text throws(InputError) in try Prefix(text) }
    let terms = try terms()
    let session = try style.session(at: root)
    let datapath = try session.datapath()
    // To take drops away cuts nobody off, nor does it to count.
    if !isRemoval, terms.isMonitored != true { try lockOut.check(dropping(prefixes), to: datapath) }
    let list = DropList(datapath)
    let changes =
      isRemoval
      ? try list.remove(prefixes, in: session) : try list.add(prefixes, terms, in: session)
    try style.print(ChangeReport(changes, dryRun: style.isDryRun))
  }

  func allow() throws {
    let keys = try elements { text throws(InputError) in try AllowKey(text) }
    let terms = try terms()
    let session = try style.session(at: root)
    let datapath = try session.datapath()
    try lockOut.check(changing(keys, terms), to: datapath)
    let list = KeyList(datapath)
    let changes =
      isRemoval
      ? try list.remove(keys, in: session)
      : try list.add(keys, terms, protected: isProtected, in: session)
    try style.print(ChangeReport(changes, dryRun: style.isDryRun))
  }

  private func dropping(_ prefixes: [Prefix]) -> PolicyChange {
    var change = PolicyChange()
    change.drops = prefixes
    return change
  }

  private func changing(_ keys: [AllowKey], _ terms: Terms) -> PolicyChange {
    var change = PolicyChange()
    for key in keys {
      change.keys[key] = isRemoval ? .absent : isProtected ? .protected : .plain(terms.rate)
    }
    return change
  }

  private func terms() throws -> Terms {
    let kept: Note?
    do {
      kept = try note.map { text throws(InputError) in try Note(text) }
    } catch {
      throw AegisError(.badInput, "--note \(error)", hint: error.hint)
    }
    return Terms(lifetime: lifetime, note: kept, rate: try rateTerm())
  }

  private func rateTerm() throws -> Terms.RateTerm {
    guard let rate else { return .keep }
    if rate == "off" { return .off }
    do {
      return .set(try Rate(rate, burst: burst))
    } catch {
      throw AegisError(.badInput, "--rate \(error)", hint: error.hint)
    }
  }

  /// The arguments and the lines of the file together; every one that is wrong is reported, and then
  /// nothing is done.
  private func elements<Element>(
    _ parse: (Substring) throws(InputError) -> Element
  ) throws -> [Element] {
    var elements: [Element] = []
    var errors: [AegisError] = []
    for word in words {
      do {
        elements.append(try parse(word[...]))
      } catch {
        errors.append(AegisError(error))
      }
    }
    if let file {
      let list = ListFile<Element>.parse(try InputFile.read(file), element: parse)
      elements += list.entries.map(\.element)
      errors += list.errors.map { Self.error(in: file, line: $0.line, $0.error) }
    }
    try Failures.check(Self.cut(errors))
    return elements
  }

  private static func error(in file: String, line: Int, _ error: InputError) -> AegisError {
    let name = file == "-" ? "standard input" : file
    return AegisError(.badInput, "\(name):\(line): \(error)", hint: error.hint)
  }

  private static let mostErrors = 20

  /// A list of the wrong kind would otherwise be an error for every one of its lines.
  private static func cut(_ errors: [AegisError]) -> [AegisError] {
    if errors.count <= mostErrors { return errors }
    let more = AegisError(
      .badInput, "and \(errors.count - mostErrors) more errors; nothing was changed")
    return errors.prefix(mostErrors) + [more]
  }
}
