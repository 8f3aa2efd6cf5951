import Aegis

extension PolicyReader {
  mutating func readLists(_ parts: Fields, _ known: [PolicyField], at path: FieldPath) {
    for field in known {
      guard case .list(let known, let shorthand) = field.shape, let node = parts[field.name] else {
        continue
      }
      let path = path.field(field.name)
      guard let nodes = items(node, of: field, at: path) else { continue }
      begin(field.name)
      let paths = path.items()
      for (number, item) in nodes.enumerated() {
        read(item, number, of: field.name, known, shorthand, paths)
      }
    }
  }

  /// nil if it is not a list.
  mutating func items(
    _ node: YAMLNode, of field: PolicyField, at path: FieldPath
  ) -> [YAMLNode]? {
    if case .sequence(let nodes) = node.content { return nodes }
    report(
      node.noun, node, path, expected: field.expected,
      hint: node.isNull ? "write [] for an empty one" : nil)
    return nil
  }

  private mutating func read(
    _ node: YAMLNode, _ number: Int, of list: String, _ known: [PolicyField],
    _ shorthand: String?, _ paths: (Int) -> FieldPath
  ) {
    if list == "drops" {
      let path = paths(number)
      if let (prefix, conditions) = drop(node, known, at: path) {
        add(prefix, conditions, node, path)
      }
      return
    }
    if let shorthand, case .scalar(let text, _) = node.content, !node.isNull {
      guard let field = known.first(where: { $0.name == shorthand }) else { return }
      return readPlain(text, node, field, paths(number))
    }
    let path = paths(number)
    guard let fields = object(node, known, at: path, shorthand: shorthand != nil) else { return }
    switch list {
    case "classes": readClass(fields, node, at: path)
    case "rules": readRule(fields, node, at: path)
    case "rates": readRate(fields, node, at: path)
    case "lists": readNamedList(fields, node, at: path)
    case "users": readUser(fields, node, at: path)
    default: readKey(fields, node, at: path)
    }
  }

  private mutating func readPlain(
    _ text: String, _ node: YAMLNode, _ field: PolicyField, _ path: FieldPath
  ) {
    let key = parsed(text, node, path, expected: field.expected) {
      text, notes throws(InputError) in
      try AllowKey(text, in: .file, noting: &notes)
    }
    if let key { add(Policy.Key(key, isProtected: false), Policy.Conditions(), node, path) }
  }

  /// A drop entry; nil if it is wrong, or has expired.
  mutating func drop(
    _ node: YAMLNode, _ known: [PolicyField], at path: @autoclosure () -> FieldPath
  ) -> (Prefix, Policy.Conditions)? {
    if case .scalar(let text, _) = node.content, !node.isNull {
      let prefix = parsed(text, node, path(), expected: known[0].expected) {
        text, notes throws(InputError) in try Prefix(text, noting: &notes)
      }
      return prefix.map { ($0, Policy.Conditions()) }
    }
    let path = path()
    guard let fields = object(node, known, at: path, shorthand: true) else { return nil }
    let before = findings.count
    let prefix = value("source", fields, known, at: path) { text, notes throws(InputError) in
      try Prefix(text, noting: &notes)
    }
    let note = note(fields, known, at: path)
    let isMonitored = flag("monitor", fields, at: path)
    let (expires, isOver) = expiry(fields, known, at: path)
    guard let prefix, findings.count == before else { return nil }
    if isOver {
      skip("\(prefix)", node, path)
      return nil
    }
    return (prefix, Policy.Conditions(expires: expires, note: note, isMonitored: isMonitored))
  }

  private mutating func readKey(_ fields: Fields, _ node: YAMLNode, at path: FieldPath) {
    let known = PolicyFields.key
    let before = findings.count
    let key = value("key", fields, known, at: path) { text, notes throws(InputError) in
      try AllowKey(text, in: .file, noting: &notes)
    }
    let isProtected = flag("protect", fields, at: path)
    let note = note(fields, known, at: path)
    let rate = rate(fields, known, at: path)
    let (expires, isOver) = expiry(fields, known, at: path)
    let conditions = Policy.Conditions(expires: expires, note: note, rate: rate)
    if isProtected, let rate = fields["rate"] {
      report("a protected key is never limited", rate, path.field("rate"))
    }
    if isProtected, let key, key.hasSeveralPorts {
      report("a protected key has one port or none", node, path)
    }
    guard let key, findings.count == before else { return }
    if isOver {
      skip("\(key)", node, path)
    } else {
      add(Policy.Key(key, isProtected: isProtected), conditions, node, path)
    }
  }

  private mutating func readUser(_ fields: Fields, _ node: YAMLNode, at path: FieldPath) {
    let known = PolicyFields.user
    let before = findings.count
    let name = value("user", fields, known, at: path) { text, _ throws(InputError) in
      try RelayName(text)
    }
    let destination = value("to", fields, known, at: path) { text, _ throws(InputError) in
      try RelayEndpoint(text)
    }
    let burst = quantity("burst", fields, known, at: path)
    if fields["rate"] == nil, let node = fields["burst"] {
      report("needs a rate beside it", node, path.field("burst"))
    }
    let (expires, isOver) = expiry(fields, known, at: path)
    guard let name, let destination, findings.count == before else { return }
    func request(_ rate: Rate?) throws(InputError) -> RelayUserRequest {
      try RelayUserRequest(name, to: destination, rate: rate, expires: expires)
    }
    var user = try? request(RelayUserRequest.defaultRate)
    if let rate = fields["rate"]?.text {
      user = value("rate", fields, known, at: path) { text, _ throws(InputError) in
        try request(RelayUserRequest.rate(text))
      }
      if user != nil, let burst, let node = fields["burst"] {
        user = parsed(burst, node, path.field("burst"), expected: known[3].expected) {
          text, _ throws(InputError) in
          try request(RelayUserRequest.rate(rate, burst: text))
        }
      }
    } else if fields["rate"] != nil {
      user = value("rate", fields, known, at: path) { _, _ throws(InputError) in try request(nil) }
    }
    guard let user, findings.count == before else { return }
    if isOver { skip("\(name)", node, path) } else { add(user, node, path) }
  }

  private mutating func readClass(_ fields: Fields, _ node: YAMLNode, at path: FieldPath) {
    let known = PolicyFields.addressClass
    let before = findings.count
    let name = value("name", fields, known, at: path) { text, _ throws(InputError) in
      try ClassName(definedAs: text)
    }
    let countries = values("countries", fields, known, at: path) { text, _ throws(InputError) in
      try CountryCode(named: text)
    }
    let prefixes = values("prefixes", fields, known, at: path) { text, notes throws(InputError) in
      try Prefix(text, noting: &notes)
    }
    guard let name, findings.count == before else { return }
    add(
      name, AddressClass(countries: Set(countries), prefixes: Set(prefixes)), node, path)
  }

  private mutating func readRate(_ fields: Fields, _ node: YAMLNode, at path: FieldPath) {
    let known = PolicyFields.rate
    let before = findings.count
    let port = value("port", fields, known, at: path) { text, _ throws(InputError) in
      try RateSelector.Port(text)
    }
    let from = value("from", fields, known, at: path) { text, notes throws(InputError) in
      try Prefix(text, noting: &notes)
    }
    let className = value("class", fields, known, at: path) { text, _ throws(InputError) in
      try ClassName(text)
    }
    if let node = fields["class"], port != nil || from != nil {
      report("cannot be used with port or from", node, path.field("class"))
    }
    let isTotal = flag("total", fields, at: path)
    let rate = rate(fields, known, at: path)
    guard let rate, findings.count == before else { return }
    let selector =
      className.map(RateSelector.init(className:)) ?? RateSelector(port: port, prefix: from)
    add(RateRule(rate, for: selector, isTotal: isTotal), node, path)
  }

  mutating func note(
    _ fields: Fields, _ known: [PolicyField], at path: FieldPath
  ) -> Note? {
    value("note", fields, known, at: path) { text, _ throws(InputError) in try Note(text) }
  }

  /// The rate of a key or a rule, or one of rates.
  ///
  /// - Parameter hasMonitor: Whether `monitor` is about the rate.
  mutating func rate(
    _ fields: Fields, _ known: [PolicyField], at path: FieldPath, hasMonitor: Bool = true
  ) -> Rate? {
    let burst = quantity("burst", fields, known, at: path)
    let isMonitored = hasMonitor && flag("monitor", fields, at: path)
    var algorithm = Rate.Algorithm.tokenBucket
    if let node = fields["algorithm"], let field = known.first(where: { $0.name == "algorithm" }) {
      algorithm = word(node, field, at: path).flatMap { Rate.Algorithm(rawValue: $0) } ?? algorithm
    }
    guard fields["rate"] != nil else {
      for name in ["burst", "algorithm"] + (hasMonitor ? ["monitor"] : []) {
        if let node = fields[name] { report("needs a rate beside it", node, path.field(name)) }
      }
      return nil
    }
    if algorithm == .fixedWindow, let node = fields["burst"] {
      report("a fixed window has no burst: the rate itself is the burst", node, path.field("burst"))
    }
    let plain = value("rate", fields, known, at: path) { text, _ throws(InputError) in
      try Rate(text)
    }
    guard let plain else { return nil }
    if let burst, let node = fields["burst"], let field = known.first(where: { $0.name == "burst" })
    {
      // The burst has the unit of the rate.
      let read = parsed(burst, node, path.field("burst"), expected: field.expected) {
        text, _ throws(InputError) in try Rate("\(plain)", writtenBurst: text)
      }
      if read == nil { return nil }
    }
    return value("rate", fields, known, at: path) { text, _ throws(InputError) in
      var rate = try Rate(text, writtenBurst: burst)
      rate.algorithm = algorithm
      rate.isMonitored = isMonitored
      try rate.validate()
      return rate
    }
  }

  /// The time of expiry, and whether it has passed.
  mutating func expiry(
    _ fields: Fields, _ known: [PolicyField], at path: FieldPath
  ) -> (moment: UInt64?, isOver: Bool) {
    let time = value("expires", fields, known, at: path) { text, _ throws(InputError) in
      try WallTime(text)
    }
    guard let time, let node = fields["expires"] else { return (nil, false) }
    switch clock.moment(of: time) {
    case .passed: return (nil, true)
    case .ahead(let moment): return (moment, false)
    case .beyond:
      report(
        "\"\(time)\" is too far ahead", node, path.field("expires"),
        hint: "leave it out for an entry that never expires")
      return (nil, false)
    }
  }
}
