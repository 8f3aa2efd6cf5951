import Aegis

/// A list as a document declares it.
struct ListDeclaration {
  let list: NamedList
  /// nil if its contents are left to `drop-ip` and `feed`.
  let entries: [Prefix: Policy.Conditions]?
  /// Those of its entries; empty for entries in a file.
  var places: [Prefix: PolicyReader.Place] = [:]

  func says(_ other: ListDeclaration) -> Bool {
    guard list == other.list else { return false }
    guard let entries, let others = other.entries else {
      return entries == nil && other.entries == nil
    }
    return entries.count == others.count
      && entries.allSatisfy { others[$0]?.says($1) == true }
  }
}

extension PolicyReader {
  mutating func readNamedList(_ fields: Fields, _ node: YAMLNode, at path: FieldPath) {
    let known = PolicyFields.namedList
    let before = findings.count
    let name = value("name", fields, known, at: path) { text, _ throws(InputError) in
      try ListName(definedAs: text)
    }
    var list = NamedList()
    for field in known {
      guard case .choice = field.shape, let node = fields[field.name],
        let word = word(node, field, at: path)
      else { continue }
      switch field.name {
      case "action": list.action = NamedList.Action(rawValue: word) ?? list.action
      default: list.directions = Directions(rawValue: word) ?? list.directions
      }
    }
    list.isMonitored = flag("monitor", fields, at: path)
    list.note = note(fields, known, at: path)
    let (expires, isOver) = expiry(fields, known, at: path)
    list.expires = expires
    if isOver, let text = fields["expires"]?.text, let time = try? WallTime(text) {
      // It stays expired: without an expiry its next entries would never end.
      list.expires = clock.boottime(of: time)
    }
    if let node = fields["file"], fields["entries"] != nil {
      report("cannot be used with entries", node, path.field("file"))
    }
    var places: [Prefix: Place] = [:]
    var entries =
      fields["entries"] == nil
      ? readFile(fields, at: path) : readEntries(fields, at: path, placing: &places)
    guard let name, findings.count == before else { return }
    if isOver, entries?.isEmpty == false {
      self.note("list \(name) has expired: its entries are left out", node, path)
      entries = [:]
    }
    add(name, ListDeclaration(list: list, entries: entries, places: places), node, path)
  }

  /// nil if there is no such field.
  private mutating func readEntries(
    _ fields: Fields, at path: FieldPath, placing places: inout [Prefix: Place]
  ) -> [Prefix: Policy.Conditions]? {
    guard let node = fields["entries"],
      let field = PolicyFields.namedList.first(where: { $0.name == "entries" }),
      case .list(let known, _) = field.shape
    else { return nil }
    let path = path.field(field.name)
    guard let nodes = items(node, of: field, at: path) else { return nil }
    var entries: [Prefix: Policy.Conditions] = [:]
    let paths = path.items()
    for (number, item) in nodes.enumerated() {
      guard let (prefix, conditions) = drop(item, known, at: paths(number)) else { continue }
      if let before = entries[prefix], let place = places[prefix] {
        if !before.says(conditions) {
          report("\"\(prefix)\" is declared differently at \(name(place))", item, paths(number))
        }
        continue
      }
      entries[prefix] = conditions
      places[prefix] = place(item, paths(number))
    }
    return entries
  }

  /// The entries in the file of a list; nil if it has none.
  private mutating func readFile(
    _ fields: Fields, at path: FieldPath
  ) -> [Prefix: Policy.Conditions]? {
    guard let node = fields["file"],
      let field = PolicyFields.namedList.first(where: { $0.name == "file" }),
      let text = text(node, field, at: path)
    else { return nil }
    let file = self.path(of: text)
    do {
      let contents = ListFile.drops(try InputFile.read(file, isText: true))
      for error in contents.errors { report(error, in: file, node) }
      note(EntryInput<Prefix>.messages(of: contents, in: file))
      if contents.entries.isEmpty, contents.errors.isEmpty {
        report(
          "\(file) has no entries", node, path.field("file"), hint: "entries: [] is an empty list")
      }
      return contents.declared()
    } catch {
      let error = error as? AegisError
      report(
        error?.message ?? "cannot be read", node, path.field("file"), hint: error?.hint)
      return nil
    }
  }
}
