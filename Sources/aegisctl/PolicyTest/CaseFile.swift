import Aegis

/// Reads files of test cases, one per line.
enum CaseFile {
  private static let mostMessages = 20
  private static let most = 100_000
  private static let form =
    "write: from SOURCE[:PORT] [to PORT/PROTO] [length BYTES] [class NAME] [tcp-flags FLAGS]…: pass|drop [REASON]"

  /// - Throws: The errors of all lines, or that there is no case.
  static func read(_ paths: [String]) throws -> [PolicyCase] {
    var cases: [PolicyCase] = []
    var errors: [AegisError] = []
    var notes: [InputNote] = []
    var more = 0
    for path in paths {
      let bytes = ByteOrderMark.removed(try InputFile.read(path, isText: true))
      let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() {
        let text = String(decoding: line.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
        let words = Substring(text).trimmed
        if words.isEmpty { continue }
        do throws(InputError) {
          cases.append(try read(words, in: InputFile.name(path), index + 1, noting: &notes))
        } catch {
          if errors.count == mostMessages {
            more += 1
          } else {
            errors.append(Self.failure(error, InputFile.name(path), index + 1))
          }
        }
        guard cases.count <= most else {
          throw AegisError(.badInput, "\(InputFile.name(path)): there are more than \(most) cases")
        }
      }
    }
    if more > 0 { errors.append(AegisError(.badInput, "and \(more) more errors")) }
    try Failures.check(errors)
    Notice.give(notes.map { "\($0)" })
    if cases.isEmpty {
      throw AegisError(
        .badInput, "\(paths.map(InputFile.name).joined(separator: ", ")): has no case")
    }
    return cases
  }

  private static func failure(_ error: InputError, _ file: String, _ line: Int) -> AegisError {
    var subject = AegisError.Subject(file: file, value: error.input)
    subject.line = line
    return AegisError(.badInput, "\(file):\(line): \(error)", hint: error.hint).about(subject)
  }

  private static func read(
    _ line: Substring, in file: String, _ number: Int, noting notes: inout [InputNote]
  ) throws(InputError) -> PolicyCase {
    // An address has colons too, but none followed by a blank.
    guard let (packet, expectation) = halves(of: line) else {
      throw InputError(input: String(line), problem: "is not a case", hint: form)
    }
    let expected = try self.expected(expectation)
    let (query, className) = try query(packet, noting: &notes)
    return PolicyCase(
      file: file, line: number, query: query, className: className, verdict: expected.verdict,
      reason: expected.reason)
  }

  private static func halves(of line: Substring) -> (Substring, Substring)? {
    let colon = line.indices.last { index in
      guard line[index] == ":" else { return false }
      let next = line.index(after: index)
      return next == line.endIndex || line[next].isWhitespace
    }
    return colon.map { (line[..<$0], line[line.index(after: $0)...]) }
  }

  private static let words =
    ["from", "to", "length", "class"] + PacketHeader.selectors.map(\.word)

  private static func query(
    _ text: Substring, noting notes: inout [InputNote]
  ) throws(InputError) -> (PacketQuery, ClassName?) {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    var options: [String: String] = [:]
    for place in stride(from: 0, to: words.count, by: 2) {
      guard Self.words.contains(words[place]), place + 1 < words.count,
        options.updateValue(words[place + 1], forKey: words[place]) == nil
      else { throw InputError(input: String(text), problem: "is not a packet", hint: form) }
    }
    guard let source = options["from"] else {
      throw InputError(input: String(text), problem: "names no source", hint: form)
    }
    var query = try PacketQuery(source: source, to: options["to"], noting: &notes)
    if let length = options["length"] {
      guard let number = Int(length), 60...9216 ~= number else {
        throw InputError(input: length, problem: "is not a length from 60 to 9216 bytes")
      }
      query.length = number
    }
    for selector in PacketHeader.selectors {
      if let text = options[selector.word] { try query.header.set(selector, to: text) }
    }
    guard let name = options["class"] else { return (query, nil) }
    return (query, try ClassName(name))
  }

  private static func expected(
    _ text: Substring
  ) throws(InputError) -> (verdict: Verdict, reason: Reason?) {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    guard let first = words.first, words.count <= 2, let verdict = Verdict(rawValue: first) else {
      throw InputError(
        input: String(text.trimmed), problem: "is not what becomes of a packet",
        hint: "write pass or drop, and a reason if it matters")
    }
    guard words.count == 2 else { return (verdict, nil) }
    let reasons = Reason.allCases.filter { $0.verdict == verdict }
    let name = words[1].hasPrefix("\(first).") ? words[1] : "\(first).\(words[1])"
    guard let reason = reasons.first(where: { $0.name == name }) else {
      let near = InputText.nearest(name, among: reasons.map(\.name))
      throw InputError(
        input: words[1], problem: "is not a reason to \(first)",
        hint: near.map { "did you mean \($0)?" }
          ?? "one of " + reasons.map(\.name).joined(separator: ", "))
    }
    return (verdict, reason)
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    let start = drop(while: \.isWhitespace)
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start.prefix(0) }
    return start[...last]
  }
}
