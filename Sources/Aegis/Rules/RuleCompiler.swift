internal import CAegis

/// Makes the tables of a set of rules.
struct RuleCompiler {
  private let rows: [RuleSource.Row]
  private let rules: [Rule]
  private let direction: Direction
  private let numbers: RuleNumbers
  private let set: UnsafeMutableRawPointer
  private var dimensions: UInt32 = 0

  static let most = Int(AEGIS_RULES)
  static let bytes = Int(aegis_rule_set_bytes())

  /// Fills in a set.
  ///
  /// - Parameter set: `bytes` bytes, all zero.
  /// - Throws: `badInput` if the rules have too many different values.
  static func compile(
    _ rows: [RuleSource.Row], _ direction: Direction, _ numbers: RuleNumbers,
    into set: UnsafeMutableRawPointer
  ) throws(AegisError) {
    var compiler = RuleCompiler(rows, direction, numbers, set)
    try compiler.fill()
  }

  /// Checks that rules, keys of several ports or groups of ports can be compiled.
  ///
  /// - Throws: As `compile`.
  static func check(_ rows: [RuleSource.Row], _ direction: Direction) throws(AegisError) {
    let set = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    defer { set.deallocate() }
    set.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    try compile(rows, direction, RuleNumbers(tellingApart: rows.map(\.rule)), into: set)
  }

  private init(
    _ rows: [RuleSource.Row], _ direction: Direction, _ numbers: RuleNumbers,
    _ set: UnsafeMutableRawPointer
  ) {
    (self.rows, rules) = (rows, rows.map { $0.rule(direction) })
    (self.direction, self.numbers, self.set) = (direction, numbers, set)
  }

  private mutating func fill() throws(AegisError) {
    for value in 0..<AEGIS_RULE_HEADER.rawValue {
      try fillTable(aegis_rule_dimension(rawValue: value))
    }
    for value in (AEGIS_RULE_HEADER.rawValue + 1)..<AEGIS_RULE_PEER.rawValue {
      try fillTable(aegis_rule_dimension(rawValue: value))
    }
    try fillHeaders()
    for isLocal in [false, true] { try fillPlace(isLocal: isLocal) }
    fillEntries()
    fillHead()
  }

  private func fillHead() {
    let head = aegis_rule_head(set)!
    var all = RuleBits()
    for place in rules.indices { all[place] = true }
    withUnsafeMutableBytes(of: &head.pointee.all) {
      all.store(at: $0.bindMemory(to: UInt64.self).baseAddress!)
    }
    withUnsafeMutableBytes(of: &head.pointee.lowest) { lowest in
      for place in 0..<64 {
        // Shifts bind tighter than a product.
        let product = (1 << UInt64(place)) &* AEGIS_RULE_DE_BRUIJN
        lowest[Int(product >> 58)] = UInt8(place)
      }
    }
    head.pointee.live = UInt32(all.live)
    head.pointee.count = UInt32(rules.count)
    head.pointee.dimensions = dimensions
  }

  private func fillEntries() {
    let entries = aegis_rule_entries(set)!
    for (place, (row, rule)) in zip(rows, rules).enumerated() {
      var entry = aegis_rule_entry()
      entry.expires = rule.expires ?? 0
      entry.number = row.number
      if rule.isMonitored { entry.flags |= UInt8(AEGIS_RULE_MONITOR.rawValue) }
      if rule.needsHeader { entry.flags |= UInt8(AEGIS_RULE_WHOLE.rawValue) }
      switch rule.action {
      case .drop: entry.action = UInt8(AEGIS_RULE_DROP.rawValue)
      case .allow where row.key != nil:
        entry.action = UInt8(AEGIS_RULE_KEY.rawValue)
        entry.rate = row.rate
      case .allow: entry.action = UInt8(AEGIS_RULE_ALLOW.rawValue)
      case .limit(let rate, _):
        entry.action = UInt8(AEGIS_RULE_LIMIT.rawValue)
        entry.rate = rate == nil ? AEGIS_RULE_UNLIMITED : row.rate
      case .hook: entry.action = UInt8(AEGIS_RULE_HOOK.rawValue)
      }
      entries[place] = entry
    }
  }

  /// The error for a dimension with too many classes.
  ///
  /// - Parameter counts: How many ranges each rule has.
  private func tooMany(_ what: String, _ most: Int, _ counts: [Int]) -> AegisError {
    AegisError(
      .badInput, "the \(nouns) tell more than \(most) kinds of \(what) apart",
      hint: "\(namesOfMost(counts)) name most of them")
  }

  /// The rules that have most ranges.
  private func namesOfMost(_ counts: [Int]) -> String {
    zip(rows, counts).sorted { $0.1 > $1.1 }.prefix(3).map { "\($0.0.name)" }
      .joined(separator: ", ")
  }

  private var nouns: String {
    if rows.first?.key != nil { return "keys of several ports" }
    return rows.first?.group == nil ? "rules" : "rates of several ports"
  }
}

// MARK: - Dimensions with one table

extension RuleCompiler {
  private static func noun(_ dimension: aegis_rule_dimension) -> String {
    switch dimension {
    case AEGIS_RULE_PORT: "destination ports"
    case AEGIS_RULE_SOURCE_PORT: "source ports"
    case AEGIS_RULE_LENGTH: "lengths"
    case AEGIS_RULE_VLAN: "VLANs"
    case AEGIS_RULE_HEADER: "TCP flags and ICMP messages"
    default: "values"
    }
  }

  /// Whether its values are in network order.
  private static func isSwapped(_ dimension: aegis_rule_dimension) -> Bool {
    dimension == AEGIS_RULE_PORT || dimension == AEGIS_RULE_SOURCE_PORT
  }

  private func entry(_ number: UInt16, _ rules: RuleBits) -> UInt16 {
    number | rules.live << UInt16(AEGIS_RULE_LIVE_SHIFT)
  }

  private mutating func fillTable(_ dimension: aegis_rule_dimension) throws(AegisError) {
    let table = aegis_rule_table(set, dimension)
    let wanted = rules.map { $0.values(of: dimension, count: table.values, numbers) }
    if wanted.allSatisfy({ $0 == nil }) { return }
    dimensions |= 1 << dimension.rawValue
    var ranges = RuleRanges<UInt32>()
    for (place, values) in wanted.enumerated() {
      ranges.add(values ?? [0...(table.values - 1)], of: place)
    }
    var classes = RuleClassNumbers<RuleBits>()
    let pieces = ranges.pieces
    for (index, piece) in pieces.enumerated() where piece.start < table.values {
      let end = index + 1 < pieces.count ? min(pieces[index + 1].start, table.values) : table.values
      let entry = entry(classes.number(of: piece.rules), piece.rules)
      for value in piece.start..<end {
        let place = Self.isSwapped(dimension) ? Int(UInt16(value).bigEndian) : Int(value)
        table.entry[place] = entry
      }
    }
    if Self.isSwapped(dimension) {
      var rest = RuleBits()
      for place in wanted.indices where wanted[place] == nil { rest[place] = true }
      let entry = entry(classes.number(of: rest), rest)
      let isSource = dimension == AEGIS_RULE_SOURCE_PORT
      withUnsafeMutableBytes(of: &aegis_rule_head(set).pointee.no_ports) {
        $0.bindMemory(to: UInt16.self)[isSource ? 1 : 0] = entry
      }
    }
    guard classes.all.count <= Int(table.classes) else {
      throw tooMany(Self.noun(dimension), Int(table.classes), wanted.map { $0?.count ?? 0 })
    }
    for (number, rules) in classes.all.enumerated() {
      rules.store(at: table.rules + 4 * number)
    }
  }

  private mutating func fillHeaders() throws(AegisError) {
    let wanted = rules.map(\.headers)
    if wanted.allSatisfy({ $0 == nil }) { return }
    dimensions |= 1 << AEGIS_RULE_HEADER.rawValue
    let table = aegis_rule_table(set, AEGIS_RULE_HEADER)
    var ranges = RuleRanges<UInt32>()
    for (place, values) in wanted.enumerated() {
      ranges.add(values ?? [0...(table.values << 8 - 1)], of: place)
    }
    var classes = RuleClassNumbers<RuleBits>()
    var (index, deeper) = (0, 0)
    let pieces = ranges.pieces
    for value in 0..<table.values {
      // The piece that has the first code, and those that begin at a later one.
      while index + 1 < pieces.count, pieces[index + 1].start <= value << 8 { index += 1 }
      var inner = index
      if inner + 1 < pieces.count, pieces[inner + 1].start < (value + 1) << 8 {
        guard deeper < Int(AEGIS_RULE_CODES) else {
          throw tooMany(
            "ICMP messages with a code", Int(AEGIS_RULE_CODES), wanted.map { $0?.count ?? 0 })
        }
        for code in 0..<256 as Range<UInt32> {
          while inner + 1 < pieces.count, pieces[inner + 1].start <= value << 8 | code {
            inner += 1
          }
          let rules = pieces[inner].rules
          aegis_rule_codes(set)[deeper << 8 | Int(code)] = entry(classes.number(of: rules), rules)
        }
        table.entry[Int(value)] = UInt16(deeper) | UInt16(AEGIS_RULE_DEEPER)
        deeper += 1
      } else {
        let rules = pieces[index].rules
        table.entry[Int(value)] = entry(classes.number(of: rules), rules)
      }
    }
    guard classes.all.count <= Int(table.classes) else {
      throw tooMany(
        Self.noun(AEGIS_RULE_HEADER), Int(table.classes), wanted.map { $0?.count ?? 0 })
    }
    for (number, rules) in classes.all.enumerated() { rules.store(at: table.rules + 4 * number) }
  }
}

// MARK: - Addresses

extension RuleCompiler {
  /// The rules that an address leaves, and those that it excludes.
  private struct Pair: Hashable {
    var rules: RuleBits
    var excluded: RuleBits
  }

  private static func ranges<Number: FixedWidthInteger>(
    _ prefixes: [Prefix], width: Int, _ number: (UInt128) -> Number
  ) -> [ClosedRange<Number>] {
    var ranges: [ClosedRange<UInt128>] = []
    for prefix in prefixes where prefix.address.width == width {
      let first = prefix.address.leftAligned
      let range =
        first...(first | (prefix.length == 0 ? .max : UInt128.max >> UInt128(prefix.length)))
      if let last = ranges.last, last.upperBound == .max || last.upperBound + 1 >= range.lowerBound
      {
        ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        ranges.append(range)
      }
    }
    return ranges.map { number($0.lowerBound)...number($0.upperBound) }
  }

  private mutating func fillPlace(isLocal: Bool) throws(AegisError) {
    let isSource = (direction == .in) != isLocal
    let field = { (match: RuleMatch) in isSource ? match.from : match.to }
    let (wanted, unwanted) = (rules.map { field($0.match) }, rules.map { field($0.exceptions) })
    if (wanted + unwanted).allSatisfy({ $0 == nil }) { return }
    let dimension = isLocal ? AEGIS_RULE_LOCAL : AEGIS_RULE_PEER
    dimensions |= 1 << dimension.rawValue
    let place = aegis_rule_place(set, isLocal ? 1 : 0)
    let namesLists = (wanted + unwanted).contains { $0?.lists.isEmpty == false }
    var classes = RuleClassNumbers<Pair>()

    func pieces<Number: FixedWidthInteger & Sendable>(
      width: Int, _ number: (UInt128) -> Number
    ) -> [(start: Number, pair: Pair)] {
      var (left, gone) = (RuleRanges<Number>(), RuleRanges<Number>())
      for rule in rules.indices {
        left.add(
          wanted[rule].map { Self.ranges($0.prefixes, width: width, number) } ?? [0...Number.max],
          of: rule)
        gone.add(
          unwanted[rule].map { Self.ranges($0.prefixes, width: width, number) } ?? [], of: rule)
      }
      return Self.merged(left.pieces, gone.pieces, isFolded: !namesLists)
    }
    func entry(_ pair: Pair) -> UInt16 {
      let live = namesLists ? (1 << UInt16(AEGIS_RULE_WORDS)) - 1 : pair.rules.live
      return classes.number(of: pair) | live << UInt16(AEGIS_RULE_LIVE_SHIFT)
    }
    let counts = zip(wanted, unwanted).map {
      ($0?.prefixes.count ?? 0) + ($1?.prefixes.count ?? 0)
    }
    let v4 = pieces(width: 32) { UInt32(truncatingIfNeeded: $0 >> 96) }
    var rows = RangeRows(place.v4)
    var fits = rows.fill(v4.map { (UInt64($0.start), entry($0.pair)) })
    fits = fillV6(pieces(width: 128) { $0 }, place, entry) && fits
    guard fits else {
      throw AegisError(
        .badInput, "there is no room in \(nouns) for so many different addresses",
        hint: """
          \(namesOfMost(counts)) name most of them; put them into a list: \
          aegisctl set-list NAME --action none
          """)
    }
    guard classes.all.count <= Int(AEGIS_RULE_CLASSES) else {
      throw tooMany("addresses", Int(AEGIS_RULE_CLASSES), counts)
    }
    for (number, pair) in classes.all.enumerated() {
      pair.rules.store(at: place.rules + 4 * number)
      pair.excluded.store(at: place.excluded + 4 * number)
    }
    for (table, addresses) in [(place.by_list!, wanted), (place.excluded_by_list!, unwanted)] {
      fillLists(table, addresses)
    }
  }

  private func fillLists(_ table: UnsafeMutablePointer<UInt64>, _ addresses: [RuleAddresses?]) {
    var bits = [RuleBits](repeating: .none, count: Int(AEGIS_RULE_LISTS))
    for (rule, addresses) in addresses.enumerated() {
      for name in addresses?.lists ?? [] {
        if let list = numbers.lists[name] { bits[list][rule] = true }
      }
    }
    for (list, rules) in bits.enumerated() { rules.store(at: table + 4 * list) }
  }

  /// Two sequences of ranges as one.
  private static func merged<Number: FixedWidthInteger>(
    _ left: [(start: Number, rules: RuleBits)], _ gone: [(start: Number, rules: RuleBits)],
    isFolded: Bool
  ) -> [(start: Number, pair: Pair)] {
    var merged: [(start: Number, pair: Pair)] = []
    var (one, other) = (0, 0)
    for start in Set(left.map(\.start) + gone.map(\.start)).sorted() {
      while one + 1 < left.count, left[one + 1].start <= start { one += 1 }
      while other + 1 < gone.count, gone[other + 1].start <= start { other += 1 }
      var pair = Pair(rules: left[one].rules, excluded: gone[other].rules)
      if isFolded {
        pair.rules.subtract(pair.excluded)
        pair.excluded = .none
      }
      if merged.last?.pair != pair { merged.append((start, pair)) }
    }
    return merged
  }

  /// - Returns: Whether they fit.
  private func fillV6(
    _ pieces: [(start: UInt128, pair: Pair)], _ place: aegis_rule_table_of_place,
    _ entry: (Pair) -> UInt16
  ) -> Bool {
    var (high, low) = (RangeRows(place.high), RangeRows(place.low))
    var upper: [(UInt64, UInt16)] = []
    var half = 0
    var index = 0
    var now = pieces[0].pair
    while index < pieces.count {
      let number = UInt64(truncatingIfNeeded: pieces[index].start >> 64)
      var lower: [(UInt64, UInt16)] = []
      if UInt64(truncatingIfNeeded: pieces[index].start) != 0 { lower.append((0, entry(now))) }
      while index < pieces.count, UInt64(truncatingIfNeeded: pieces[index].start >> 64) == number {
        now = pieces[index].pair
        lower.append((UInt64(truncatingIfNeeded: pieces[index].start), entry(now)))
        index += 1
      }
      if lower.count == 1 {
        upper.append((number, lower[0].1))
        continue
      }
      guard half < Int(AEGIS_RULE_HALVES), let search = low.add(lower) else { return false }
      place.half[half] = search
      upper.append((number, UInt16(half) | UInt16(AEGIS_RULE_DEEPER)))
      half += 1
      let next = index < pieces.count ? UInt64(truncatingIfNeeded: pieces[index].start >> 64) : nil
      if number < .max, next != number + 1 || UInt64(truncatingIfNeeded: pieces[index].start) != 0 {
        upper.append((number + 1, entry(now)))
      }
    }
    // A half that begins where another one ends is there twice; the last one counts.
    var rows: [(UInt64, UInt16)] = []
    for row in upper {
      if rows.last?.0 == row.0 { rows.removeLast() }
      rows.append(row)
    }
    return high.fill(rows)
  }
}

/// Fills in ranges of addresses.
private struct RangeRows {
  private let table: aegis_rule_table_of_ranges
  private var used = 0

  init(_ table: aegis_rule_table_of_ranges) { self.table = table }

  private static let room = Int(AEGIS_RULE_RANGES)

  /// The first step of a search among so many.
  private static func step(_ count: Int) -> Int {
    count < 2 ? 0 : 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
  }

  /// - Returns: How they are searched; nil if there is no room.
  mutating func add(_ rows: [(start: UInt64, entry: UInt16)]) -> aegis_rule_search? {
    let first = used
    let step = Self.step(rows.count)
    let size = max(1, 2 * step)
    guard let last = rows.last, first + size <= Self.room else { return nil }
    for place in 0..<size {
      let row = place < rows.count ? rows[place] : last
      table.start[first + place] = row.start
      table.entry[first + place] = row.entry
    }
    used += size
    return aegis_rule_search(first: UInt16(first), step: UInt16(step))
  }

  /// Adds all of them, and the parts by which they are searched.
  ///
  /// - Returns: Whether there is room.
  mutating func fill(_ rows: [(start: UInt64, entry: UInt16)]) -> Bool {
    guard let whole = add(rows) else { return false }
    let base = rows.count > 1 ? rows[1].start : 0
    let distance = (rows.last?.start ?? 0) - min(base, rows.last?.start ?? 0)
    let shift = max(0, UInt64.bitWidth - distance.leadingZeroBitCount - 8)
    (table.base.pointee, table.shift.pointee) = (base, UInt32(shift))
    var place = 0
    for part in 0..<Int(AEGIS_RULE_PARTS) {
      let begin = base.addingReportingOverflow(UInt64(part) << UInt64(shift))
      while !begin.overflow, place + 1 < rows.count, rows[place + 1].start <= begin.partialValue {
        place += 1
      }
      var end = place
      let next = base.addingReportingOverflow(UInt64(part + 1) << UInt64(shift))
      let isLast = part + 1 == Int(AEGIS_RULE_PARTS) || next.overflow
      while end + 1 < rows.count, isLast || rows[end + 1].start < next.partialValue { end += 1 }
      let step = Self.step(end - place + 1)
      // A search looks at twice its first step, and not beyond what was filled in.
      table.part[part] =
        place + 2 * step <= used
        ? aegis_rule_search(first: UInt16(place), step: UInt16(step)) : whole
    }
    return true
  }
}
