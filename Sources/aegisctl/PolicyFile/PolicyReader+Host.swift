import Aegis

extension PolicyReader {
  mutating func readHost(_ document: YAMLNode) {
    guard let parts = spec(of: document, HostFields.document, HostFields.spec) else { return }
    let path = FieldPath.root.field("spec")
    if host == nil { host = HostDeclaration() }
    if let node = parts["capacities"] { readCapacities(node, at: path.field("capacities")) }
    if let node = parts["relay"] { readRelay(node, at: path.field("relay")) }
    if parts["geo"] != nil {
      let files = values("geo", parts, HostFields.spec, at: path) { text, _ throws(InputError) in
        try Self.absolute(text)
      }
      let before = host?.geo ?? []
      host?.geo = before + files.filter { !before.contains($0) }
    }
    if let node = parts["hook"] { readHook(node, at: path.field("hook")) }
    if let node = parts["interfaces"] { readInterfaces(node, at: path.field("interfaces")) }
  }

  private static func absolute(_ path: String) throws(InputError) -> String {
    if path.hasPrefix("/") { return path }
    throw InputError(
      input: path, problem: "is not an absolute path",
      hint: "a document means the same in every directory")
  }

  private mutating func readRelay(_ node: YAMLNode, at path: FieldPath) {
    let known = HostFields.relay
    let before = findings.count
    guard let fields = object(node, known, at: path) else { return }
    let listen = values("listen", fields, known, at: path) { text, _ throws(InputError) in
      try RelayEndpoint(text)
    }
    if let node = fields["listen"], findings.count == before {
      _ = parsed("", node, path.field("listen"), expected: known[0].expected) {
        _, _ throws(InputError) in try RelaySettings.check(listen: listen)
      }
    }
    let ports = value("portRange", fields, known, at: path) { text, _ throws(InputError) in
      let ports = try RelaySettings.ports(text)
      try RelaySettings.check(ports, besides: listen)
      return ports
    }
    let keyFile = value("keyFile", fields, known, at: path) { text, _ throws(InputError) in
      try Self.absolute(text)
    }
    var names = values("forward", fields, known, at: path) { text, _ throws(InputError) in
      try HostDeclaration.Interface.check(name: text)
      return text
    }
    if let node = fields["forward"] {
      names =
        parsed("", node, path.field("forward"), expected: known[3].expected) {
          _, _ throws(InputError) in try RelayHost.interfaces(named: names)
        } ?? []
    }
    if findings.count > before { return }
    for (name, node) in fields.sorted(by: { $0.key < $1.key })
    where listen.isEmpty && name != "listen" {
      report("is of no use with an empty listen", node, path.field(name))
    }
    if !listen.isEmpty, ports == nil {
      report("has no portRange", node, path, expected: known[1].expected)
    }
    if findings.count > before { return }
    let relay = HostDeclaration.Relay(
      listen: listen, ports: ports, keyFile: keyFile,
      forward: fields["forward"] == nil ? nil : names)
    if let other = host?.relay, other != relay {
      report("is declared differently before", node, path)
    }
    host?.relay = relay
  }

  private mutating func readHook(_ node: YAMLNode, at path: FieldPath) {
    let known = HostFields.hook
    let before = findings.count
    guard let fields = object(node, known, at: path) else { return }
    let object = value("object", fields, known, at: path) { text, _ throws(InputError) in
      text == HostFields.noObject ? text : try Self.absolute(text)
    }
    let program = value("program", fields, known, at: path) { text, _ throws(InputError) in text }
    let missing = fields["onMissing"].flatMap { word($0, known[2], at: path) }
    if findings.count > before { return }
    let hasNone = object == HostFields.noObject
    for name in ["onMissing", "program"] where hasNone {
      if let node = fields[name] {
        report("is of no use without an object", node, path.field(name))
      }
    }
    if findings.count > before { return }
    let hook = HostDeclaration.Hook(
      object: hasNone ? nil : object, program: program,
      onMissing: missing.flatMap(Hook.Missing.init) ?? .pass)
    if let other = host?.hook, other != hook {
      report("is declared differently before", node, path)
    }
    host?.hook = hook
  }

  private mutating func readCapacities(_ node: YAMLNode, at path: FieldPath) {
    let known = HostFields.capacities
    guard let fields = object(node, known, at: path) else { return }
    let parts: [(String, WritableKeyPath<Loader.Request, UInt32?>)] = [
      ("drops", \.drops), ("keys", \.keys), ("sources", \.sources),
      ("users", \.users),
    ]
    for (name, part) in parts {
      guard let number = number(name, fields, known, at: path), let node = fields[name] else {
        continue
      }
      if let before = host?.capacities[keyPath: part], before != UInt32(number) {
        report("is \(before) in another document", node, path.field(name))
      }
      host?.capacities[keyPath: part] = UInt32(number)
    }
  }

  private mutating func readInterfaces(_ node: YAMLNode, at path: FieldPath) {
    guard case .sequence(let nodes) = node.content else {
      return report(
        node.noun, node, path, expected: "a list of interfaces",
        hint: node.isNull ? "write [] for an empty one" : nil)
    }
    var interfaces = host?.interfaces ?? []
    let paths = path.items()
    for (number, node) in nodes.enumerated() {
      let path = paths(number)
      guard let interface = interface(node, at: path) else { continue }
      let other = interfaces.first {
        $0.name == interface.name && $0.isPattern == interface.isPattern
      }
      if let other, other != interface {
        report("\"\(interface)\" is declared differently before", node, path)
      }
      if other == nil, !refuseTaken(interface, among: interfaces, node, path) {
        interfaces.append(interface)
      }
    }
    host?.interfaces = interfaces
  }

  /// Reports an interface that is listed and the other port of a wire, or a port of two wires.
  private mutating func refuseTaken(
    _ interface: HostDeclaration.Interface, among others: [HostDeclaration.Interface],
    _ node: YAMLNode, _ path: FieldPath
  ) -> Bool {
    if interface.isPattern { return false }
    if let other = others.first(where: { $0.wire?.peer == interface.name }) {
      report("\"\(interface)\" is the other port of \"\(other)\" before", node, path)
      return true
    }
    guard let peer = interface.wire?.peer else { return false }
    let field = path.field("wire").field("to")
    let place = others.first { !$0.isPattern && ($0.name == peer || $0.wire?.peer == peer) }
    if peer == interface.name {
      report("\"\(peer)\" is the interface itself", node, field)
    } else if let place {
      let what = place.name == peer ? "declared" : "the other port of \"\(place)\""
      report("\"\(peer)\" is \(what) before", node, field)
    } else {
      return false
    }
    return true
  }

  private mutating func interface(
    _ node: YAMLNode, at path: FieldPath
  ) -> HostDeclaration.Interface? {
    let known = HostFields.interface
    if case .scalar(let text, _) = node.content, !node.isNull {
      return parsed(text, node, path, expected: known[0].expected) { text, _ throws(InputError) in
        try HostDeclaration.Interface.check(name: text)
        return HostDeclaration.Interface(name: text)
      }
    }
    guard let fields = object(node, known, at: path, shorthand: true) else { return nil }
    var mode = AttachMode.auto
    if let node = fields["mode"] {
      guard let text = word(node, known[2], at: path), let named = AttachMode(rawValue: text) else {
        return nil
      }
      mode = named
    }
    var directions = Directions.in
    if let node = fields["direction"] {
      let text = word(node, known[3], at: path)
      guard let named = text.flatMap(Directions.init) else { return nil }
      directions = named
    }
    if directions == .out, mode != .auto, mode != .tc, let node = fields["mode"] {
      report(
        "is only for packets that come in", node, path.field("mode"),
        hint: "what goes out is judged by tc")
    }
    guard (fields["name"] == nil) != (fields["match"] == nil) else {
      report("has not exactly one of name and match", node, path)
      return nil
    }
    var profile: ProfileName?
    if fields["profile"] != nil {
      profile = value("profile", fields, known, at: path) { text, _ throws(InputError) in
        try ProfileName(text)
      }
      if profile == nil { return nil }
    }
    let isPattern = fields["match"] != nil
    var wire: WireOptions?
    if let node = fields["wire"] {
      if isPattern { report("is only possible with name", node, path.field("wire")) }
      wire = self.wire(node, at: path.field("wire"))
      if let node = fields["direction"], directions != .in {
        report(
          "cannot be used with wire", node, path.field("direction"),
          hint: "the frames that a wire sends on do not pass egress")
      }
      if mode == .tc, let node = fields["mode"] {
        report("cannot be used with wire", node, path.field("mode"), hint: "XDP joins the ports")
      }
      if wire == nil { return nil }
    }
    return value(isPattern ? "match" : "name", fields, known, at: path) {
      text, _ throws(InputError) in
      try HostDeclaration.Interface.check(name: text)
      return HostDeclaration.Interface(
        name: text, isPattern: isPattern, mode: mode, directions: directions, wire: wire,
        profile: profile)
    }
  }

  private mutating func wire(_ node: YAMLNode, at path: FieldPath) -> WireOptions? {
    let known = HostFields.wire
    guard let fields = object(node, known, at: path) else { return nil }
    func name(_ field: String, _ reader: inout PolicyReader) -> String? {
      reader.value(field, fields, known, at: path) { text, _ throws(InputError) in
        try HostDeclaration.Interface.check(name: text)
        return text
      }
    }
    guard let peer = name("to", &self) else { return nil }
    var options = WireOptions(peer: peer, trusted: name("trust", &self))
    if let node = fields["ifDetached"] {
      let text = word(node, known[2], at: path)
      guard let state = text.flatMap(WireOptions.IfDetached.init) else { return nil }
      options.ifDetached = state
    }
    options.followsLink = flag("followLink", fields, at: path)
    return options
  }
}
