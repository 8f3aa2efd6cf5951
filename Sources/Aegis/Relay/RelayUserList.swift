internal import Linux

/// Users in a file: lines `USER ADDRESS:PORT [rate=RATE] [burst=SIZE] [ttl=DURATION] [until=TIME]`.
public struct RelayUserList: Sendable {
  /// What holds for every line, whatever it says; nil leaves it to the line.
  public struct Terms: Sendable {
    /// The inner nil is no limit.
    public var rate: Rate??
    /// ns of CLOCK_BOOTTIME; the inner nil is never.
    public var expires: UInt64??

    public init(rate: Rate?? = nil, expires: UInt64?? = nil) {
      self.rate = rate
      self.expires = expires
    }
  }

  public private(set) var requests: [RelayUserRequest] = []
  /// One for each line that is not valid.
  public private(set) var errors: [AegisError] = []
  private var lines: [RelayName: String] = [:]
  private let clock = ClockReading.now()
  private static let mostErrors = 20

  public init() {}

  /// - Parameter file: As it is named in errors.
  public mutating func read(_ bytes: [UInt8], of file: String, _ terms: Terms) {
    forEachLine(of: bytes, file) { words, list throws(InputError) in
      let request = try list.request(words, terms)
      return (request.name, request)
    }
  }

  /// Reads only the names, for a removal.
  public mutating func readNames(_ bytes: [UInt8], of file: String) -> [RelayName] {
    var names: [RelayName] = []
    forEachLine(of: bytes, file) { words, _ throws(InputError) in
      let name = try RelayName(words[0])
      names.append(name)
      return (name, nil)
    }
    return names
  }

  public mutating func add(_ request: RelayUserRequest) {
    requests.append(request)
  }

  private mutating func forEachLine(
    of bytes: [UInt8], _ file: String,
    _ read: ([Substring], RelayUserList) throws(InputError) -> (RelayName, RelayUserRequest?)
  ) {
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let text = bytes.starts(with: mark) ? bytes[mark.count...] : bytes[...]
    var number = 0
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let words = line.prefix { $0 != UInt8(ascii: "#") }
        .split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
        .map { Substring(decoding: $0, as: UTF8.self) }
      if words.isEmpty { continue }
      let place = "\(file):\(number)"
      do throws(InputError) {
        let (name, request) = try read(words, self)
        if let other = lines.updateValue(place, forKey: name) {
          throw InputError(name.text, "is given twice, first at \(other)")
        }
        if let request { requests.append(request) }
      } catch {
        if errors.count == Self.mostErrors { return }
        errors.append(
          AegisError(.badInput, "\(place): \(error)", hint: error.hint)
            .about(.init(file: file, line: number, value: error.input)))
      }
    }
  }

  private func request(
    _ words: [Substring], _ terms: Terms
  ) throws(InputError) -> RelayUserRequest {
    let name = try RelayName(words[0])
    guard words.count > 1 else {
      throw InputError(
        words[0], "has no destination", hint: "write a line as alice 192.0.2.1:4500 rate=500/s")
    }
    let destination = try RelayEndpoint(words[1])
    var values: [Substring: Substring] = [:]
    for word in words.dropFirst(2) {
      let (key, value) = word.split(at: "=")
      guard ["rate", "burst", "ttl", "until"].contains(key), let value else {
        throw InputError(
          word, "is not a term of a user", hint: "write rate=, burst=, ttl= or until=")
      }
      if values.updateValue(value, forKey: key) != nil {
        throw InputError(word, "is given twice")
      }
    }
    let rate = try Self.rate(values["rate"], values["burst"])
    let end = try end(values["ttl"], values["until"])
    return try RelayUserRequest(
      name, to: destination, rate: terms.rate ?? rate, expires: terms.expires ?? end)
  }

  private static func rate(_ text: Substring?, _ burst: Substring?) throws(InputError) -> Rate? {
    guard let text else {
      if let burst { throw InputError("burst=\(burst)", "needs rate=") }
      return RelayUserRequest.defaultRate
    }
    return try RelayUserRequest.rate(String(text), burst: burst.map(String.init))
  }

  private func end(_ ttl: Substring?, _ until: Substring?) throws(InputError) -> UInt64? {
    if let ttl, until != nil { throw InputError("ttl=\(ttl)", "cannot be used with until=") }
    if let ttl {
      guard case .limited(let duration) = try Lifetime(ttl) else { return nil }
      return Self.end(after: duration, clock)
    }
    guard let until else { return nil }
    switch clock.moment(of: try WallTime(until)) {
    case .passed: throw InputError(until, "is in the past")
    case .ahead(let moment): return moment
    case .beyond: throw InputError(until, "is more than 500 years away")
    }
  }

  /// ns of CLOCK_BOOTTIME.
  public static func end(after duration: Duration, _ clock: ClockReading = .now()) -> UInt64 {
    let (seconds, attoseconds) = duration.components
    return clock.boottime + UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }

  /// ns of CLOCK_BOOTTIME; nil if it has passed, or is too far away.
  public static func end(at time: WallTime) -> UInt64? {
    guard case .ahead(let moment) = ClockReading.now().moment(of: time) else { return nil }
    return moment
  }
}
