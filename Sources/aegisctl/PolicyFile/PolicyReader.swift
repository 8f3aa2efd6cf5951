import Aegis

/// Reads documents into one policy, and reports all errors in them.
struct PolicyReader {
  /// The position of a declaration.
  struct Place: Hashable, Comparable {
    let file: Int32
    let line: Int32
    /// In its list, from 0.
    var item: Int32 = 0

    static func < (left: Place, right: Place) -> Bool {
      (left.file, left.line) < (right.file, right.line)
    }
  }

  /// Declarations of one direction, and where they are.
  struct Declared {
    var policy = Policy()
    var settings: [String: Place] = [:]
    var drops: [Prefix: Place] = [:]
    var keys: [AllowKey: Place] = [:]
    var classes: [ClassName: Place] = [:]
    var lists: [ListName: (place: Place, list: ListDeclaration)] = [:]
    var rates: [RateSlot: (place: Place, rate: Rate)] = [:]
    var rules: [RuleName: Place] = [:]
  }

  /// nil if no document declares a host.
  var host: HostDeclaration?
  private(set) var findings: [(place: Place, error: AegisError)] = []
  /// Notices about values read as something other than written, and about entries left out because they have expired.
  private(set) var notes: [String] = []

  let clock: ClockReading
  private(set) var files: [String] = []
  /// Of the direction that is being read, and of the other one.
  private(set) var declared = Declared()
  private(set) var other = Declared()
  private var declaresOut = false
  /// The same of profiles besides main.
  private var others: [ProfileName: (declared: Declared, other: Declared, declaresOut: Bool)] = [:]
  /// What all documents are about, whatever they say; nil for what they say.
  private let profile: ProfileName?
  /// Of the relay; nil if no document declares them.
  private(set) var users: [RelayUserRequest]?
  private var userPlaces: [RelayName: (place: Place, request: RelayUserRequest)] = [:]

  var policy: Policy {
    var policy = declared.policy
    if declaresOut { policy.out = other.policy }
    return policy
  }

  /// What is declared for profiles besides main.
  var profiles: [ProfileName: Policy] {
    others.mapValues { part in
      var policy = part.declared.policy
      if part.declaresOut { policy.out = part.other.policy }
      return policy
    }
  }

  init(clock: ClockReading = .now(), as profile: ProfileName? = nil) {
    self.clock = clock
    self.profile = profile
  }

  /// In the order of the files and lines.
  var errors: [AegisError] {
    findings.enumerated().sorted { one, other in
      (one.element.place, one.offset) < (other.element.place, other.offset)
    }
    .map(\.element.error)
  }

  /// - Parameter name: The name of the file in messages.
  mutating func read(_ bytes: [UInt8], named name: String) {
    files.append(name)
    do throws(YAMLSyntaxError) {
      let documents = try YAMLTree.documents(bytes)
      if documents.isEmpty {
        throw YAMLSyntaxError(
          line: 1, problem: "is empty",
          hint: "a policy file begins with apiVersion: \(APIVersion.current) and kind: Policy")
      }
      for document in documents { read(document) }
    } catch {
      report(error.problem, error.line, .root, hint: error.hint)
    }
  }

  private mutating func read(_ document: YAMLNode) {
    if document.member("kind")?.text == HostFields.kind { return readHost(document) }
    guard let parts = spec(of: document, PolicyFields.document, PolicyFields.spec) else { return }
    let path = FieldPath.root.field("spec")
    guard let name = name(of: document), name != .main else { return read(parts, at: path) }
    for field in CommonField.allCases {
      if let node = parts[field.rawValue] { refuse(field, node, name, path) }
    }
    if let node = parts["out"]?.member(CommonField.drops.rawValue) {
      refuse(.drops, node, name, path.field("out"))
    }
    exchange(with: name)
    read(parts, at: path)
    exchange(with: name)
  }

  private mutating func refuse(
    _ field: CommonField, _ node: YAMLNode, _ name: ProfileName, _ path: FieldPath
  ) {
    report(
      CommonField.problem(in: name), node.line, path.field(field.rawValue), hint: field.hint)
  }

  /// The profile that a document is about; nil if its name is not valid.
  private mutating func name(of document: YAMLNode) -> ProfileName? {
    let path = FieldPath.root.field("metadata")
    var name = ProfileName.main
    if let node = document.member("metadata") {
      guard let fields = object(node, PolicyFields.metadata, at: path) else { return nil }
      if let written = fields["profile"] {
        let read = parsed(
          written.text ?? "", written, path.field("profile"), expected: "a name"
        ) { text, _ throws(InputError) in try ProfileName(text) }
        guard let read else { return nil }
        name = read
      }
    }
    return profile ?? name
  }

  /// Exchanges what is being read with what was read of a profile.
  private mutating func exchange(with name: ProfileName) {
    let own = others[name] ?? (Declared(), Declared(), false)
    others[name] = (declared, other, declaresOut)
    (declared, other, declaresOut) = own
  }

  private mutating func read(_ parts: Fields, at path: FieldPath) {
    readSettings(parts, PolicyFields.spec, at: path)
    readLists(parts, PolicyFields.spec, at: path)
    if let out = parts["out"] { readOut(out, at: path.field("out")) }
    if let relay = parts["relay"] {
      let path = path.field("relay")
      if let parts = object(relay, PolicyFields.relay, at: path) {
        readLists(parts, PolicyFields.relay, at: path)
      }
    }
  }

  private mutating func readOut(_ node: YAMLNode, at path: FieldPath) {
    guard let parts = object(node, PolicyFields.out, at: path) else { return }
    declaresOut = true
    swap(&declared, &other)
    readSettings(parts, PolicyFields.out, at: path)
    readLists(parts, PolicyFields.out, at: path)
    swap(&declared, &other)
  }

  /// The fields of `spec`; nil if the document is not of this kind, or has none.
  mutating func spec(
    of document: YAMLNode, _ known: [PolicyField], _ parts: [PolicyField]
  ) -> Fields? {
    guard let fields = object(document, known, at: .root) else { return nil }
    for field in known {
      guard case .constant = field.shape, let value = fields[field.name] else { continue }
      // Another kind of document has other fields; more errors about them would only confuse.
      if word(value, field, at: .root) == nil { return nil }
    }
    return fields["spec"].flatMap { object($0, parts, at: FieldPath.root.field("spec")) }
  }

  private mutating func readSettings(
    _ parts: Fields, _ known: [PolicyField], at path: FieldPath
  ) {
    for field in known {
      guard let node = parts[field.name] else { continue }
      switch field.name {
      case "default":
        set(
          \.defaultAction,
          word(node, field, at: path).flatMap { PolicyDefaults.Default(rawValue: $0) },
          field, node, at: path)
      case "replies":
        set(\.replies, flag(field.name, parts, at: path), field, node, at: path)
      case "mode":
        set(
          \.mode, word(node, field, at: path).flatMap { PolicyDefaults.Mode(rawValue: $0) }, field,
          node, at: path)
      case "sourcePrefix":
        set(\.sourcePrefix, lengths(node, at: path.field(field.name)), field, node, at: path)
      default: break
      }
    }
  }

  private mutating func lengths(_ node: YAMLNode, at path: FieldPath) -> Policy.SourcePrefix? {
    let known = PolicyFields.sourcePrefix
    guard let fields = object(node, known, at: path),
      let v4 = number("v4", fields, known, at: path), let v6 = number("v6", fields, known, at: path)
    else { return nil }
    return Policy.SourcePrefix(v4: v4, v6: v6)
  }

  /// The same value twice is accepted, even in different files.
  private mutating func set<Value: Equatable>(
    _ part: WritableKeyPath<Policy, Value?>, _ value: Value?, _ field: PolicyField,
    _ node: YAMLNode, at path: FieldPath
  ) {
    guard let value else { return }
    if let before = declared.policy[keyPath: part], before != value,
      let place = declared.settings[field.name]
    {
      let path = path.field(field.name)
      return report("\"\(value)\" differs from \(name(place)), which has \"\(before)\"", node, path)
    }
    declared.policy[keyPath: part] = value
    declared.settings[field.name] = place(node)
  }
}

extension PolicyReader {
  mutating func report(
    _ problem: String, _ line: Int, _ path: FieldPath, expected: String? = nil, hint: String? = nil,
    value: String? = nil
  ) {
    let field = "\(path)"
    let place = "\(files.last ?? ""):\(line): "
    let subject = field.isEmpty ? "" : "\(field): "
    let wanted = expected.map { "; expected \($0)" } ?? ""
    findings.append(
      (
        Place(file: Int32(files.count - 1), line: Int32(truncatingIfNeeded: line)),
        AegisError(.badInput, place + subject + problem + wanted, hint: hint).about(
          .init(
            file: files.last, line: line, field: field.isEmpty ? nil : field, value: value))
      ))
  }

  mutating func report(
    _ problem: String, _ node: YAMLNode, _ path: FieldPath, expected: String? = nil,
    hint: String? = nil
  ) {
    report(problem, node.line, path, expected: expected, hint: hint, value: node.text)
  }

  /// Reports an error in the file of a list, by its own lines.
  mutating func report(_ error: ListError, in file: String, _ node: YAMLNode) {
    var found = EntryInput<Prefix>.error(in: file, error)
    // A policy has no such options.
    if let hint = found.hint, hint.contains("--") {
      let isWide = hint.hasPrefix("--min-prefix")
      found = AegisError(
        found.kind, found.message,
        hint: isWide ? "if it is meant, name it in drops" : "write one entry on each line"
      ).about(found.subject)
    }
    findings.append((place(node), found))
  }

  /// The path of a file that the current document names.
  func path(of file: String) -> String {
    if file.hasPrefix("/") { return file }
    let policy = files.last ?? ""
    let directory = policy.lastIndex(of: "/").map { policy[...$0] } ?? ""
    // Not standard input.
    return directory.isEmpty && file == "-" ? "./-" : directory + file
  }

  func place(_ node: YAMLNode, _ path: FieldPath = .root) -> Place {
    Place(
      file: Int32(files.count - 1), line: Int32(truncatingIfNeeded: node.line),
      item: Int32(truncatingIfNeeded: path.number ?? 0))
  }

  func name(_ place: Place) -> String { "\(files[Int(place.file)]):\(place.line)" }
}

extension PolicyReader {
  mutating func add(
    _ prefix: Prefix, _ conditions: Policy.Conditions, _ node: YAMLNode, _ path: FieldPath
  ) {
    if let before = declared.policy.drops?[prefix] {
      if !before.says(conditions), let place = declared.drops[prefix] {
        report("\"\(prefix)\" is declared differently at \(name(place))", node, path)
      }
      return
    }
    declared.policy.drops?[prefix] = conditions
    declared.drops[prefix] = place(node, path)
  }

  mutating func add(
    _ key: Policy.Key, _ conditions: Policy.Conditions, _ node: YAMLNode, _ path: FieldPath
  ) {
    if let place = declared.keys[key.key] {
      if declared.policy.keys?[key].map({ $0.says(conditions) }) != true {
        report("\"\(key.key)\" is declared differently at \(name(place))", node, path)
      }
      return
    }
    declared.policy.keys?[key] = conditions
    declared.keys[key.key] = place(node, path)
  }

  mutating func add(
    _ name: ClassName, _ addresses: AddressClass, _ node: YAMLNode, _ path: FieldPath
  ) {
    if let before = declared.policy.classes?[name], let place = declared.classes[name] {
      if before != addresses {
        report("\"\(name)\" is declared differently at \(self.name(place))", node, path)
      }
      return
    }
    declared.policy.classes?[name] = addresses
    declared.classes[name] = place(node, path)
  }

  mutating func add(
    _ name: ListName, _ list: ListDeclaration, _ node: YAMLNode, _ path: FieldPath
  ) {
    if let before = declared.lists[name] {
      if !before.list.says(list) {
        report("\"\(name)\" is declared differently at \(self.name(before.place))", node, path)
      }
      return
    }
    declared.policy.lists?[name] = list.list
    declared.policy.listed[name] = list.entries
    declared.lists[name] = (place(node, path), list)
  }

  mutating func add(_ rule: RateRule, _ node: YAMLNode, _ path: FieldPath) {
    if let before = declared.rates[rule.slot] {
      if before.rate != rule.rate {
        report(
          "there is another rate for the same packets at \(name(before.place))", node, path,
          hint: "the same packets can have one rate of packets and one of bits or bytes")
      }
      return
    }
    declared.policy.rates?.append(rule)
    declared.rates[rule.slot] = (place(node, path), rule.rate)
  }

  /// The order of rules matters, so that even the same rule cannot be declared twice.
  mutating func add(_ rule: Rule, _ node: YAMLNode, _ path: FieldPath) {
    if let place = declared.rules[rule.name] {
      return report("there is another rule \"\(rule.name)\" at \(name(place))", node, path)
    }
    declared.policy.rules?.append(rule)
    declared.rules[rule.name] = place(node, path)
  }

  mutating func add(_ user: RelayUserRequest, _ node: YAMLNode, _ path: FieldPath) {
    if let before = userPlaces[user.name] {
      if before.request != user {
        report("\"\(user.name)\" is declared differently at \(name(before.place))", node, path)
      }
      return
    }
    users?.append(user)
    userPlaces[user.name] = (place(node), user)
  }

  /// An entry that has expired counts as absent.
  mutating func skip(_ element: String, _ node: YAMLNode, _ path: FieldPath) {
    note("\(element) has expired: skipped", node, path)
  }

  mutating func note(_ text: String, _ node: YAMLNode, _ path: FieldPath) {
    notes.append("\(files.last ?? ""):\(node.line): \(path): \(text)")
  }

  /// What is said about the file of a list.
  mutating func note(_ messages: [String]) { notes += messages }

  /// Notes that the list is present: even an empty list is a declaration.
  mutating func begin(_ part: String) {
    switch part {
    case "classes": declared.policy.classes = declared.policy.classes ?? [:]
    case "lists": declared.policy.lists = declared.policy.lists ?? [:]
    case "rules": declared.policy.rules = declared.policy.rules ?? []
    case "rates": declared.policy.rates = declared.policy.rates ?? []
    case "drops": declared.policy.drops = declared.policy.drops ?? [:]
    case "keys": declared.policy.keys = declared.policy.keys ?? [:]
    case "users": users = users ?? []
    default: break
    }
  }
}
