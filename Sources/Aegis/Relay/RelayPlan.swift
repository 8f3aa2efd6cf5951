internal import CAegis
internal import Linux

/// What becomes of the users of the relay, decided before anything is changed.
struct RelayPlan {
  typealias Place = (name: RelayName, index: Int)

  private(set) var changes: [Change<RelayName>] = []
  /// Users that are no more.
  private(set) var removed: [Place] = []
  private(set) var added: [(place: Place, user: aegis_relay_user)] = []
  /// Users that have another destination.
  private(set) var redirected: [(index: Int, before: aegis_relay_user, after: aegis_relay_user)] =
    []
  /// Users whose rate or end is another.
  private(set) var limited: [(index: Int, user: aegis_relay_user)] = []
  /// Names without a user, and users without a name: what a killed call left.
  private(set) var staleNames: [RelayName] = []
  private(set) var nameless: [Int] = []

  /// The number of users that there are and will be.
  private(set) var kept = 0

  private let table: RelayTable
  private var known: [RelayName: Int] = [:]

  init(removing names: [RelayName], of table: RelayTable) throws(AegisError) {
    self.table = table
    try read()
    for name in names {
      guard let index = known[name] else {
        changes.append(Change(name, .unchanged))
        continue
      }
      known[name] = nil
      removed.append((name, index))
      changes.append(Change(name, .removed))
    }
  }

  /// - Parameter settings: nil if the relay is off; then no user gets a port.
  init(
    _ requests: [RelayUserRequest], isReplacement: Bool, of table: RelayTable,
    _ settings: RelaySettings?
  ) throws(AegisError) {
    self.table = table
    try read()
    let wanted = Set(requests.map(\.name))
    let now = Clock.boottime()
    var dropped: [RelayName] = []
    for (name, index) in known where !wanted.contains(name) {
      let expires = table[index].expires
      // Those whose time has passed make room.
      let isOver = expires != 0 && expires <= now
      if isReplacement, !isOver { dropped.append(name) }
      if isReplacement || isOver { removed.append((name, index)) }
    }
    var fresh: [RelayUserRequest] = []
    var moved: [(request: RelayUserRequest, index: Int)] = []
    for request in requests {
      try settings?.check(request)
      guard let index = known[request.name] else {
        fresh.append(request)
        changes.append(Change(request.name, .added))
        continue
      }
      let before = table[index]
      if before.address?.family != request.destination.address.family {
        // Its clients send to another address, so its tokens are of no use.
        removed.append((request.name, index))
        fresh.append(request)
        changes.append(Change(request.name, .updated))
      } else if before.backKey.destination != request.destination {
        moved.append((request, index))
        changes.append(Change(request.name, .updated))
      } else if !request.hasLimits(of: before) {
        limited.append((index, request.limits(of: before)))
        changes.append(Change(request.name, .updated))
      } else {
        changes.append(Change(request.name, .unchanged))
      }
    }
    changes += dropped.sorted().map { Change($0, .removed) }
    try checkRoom(fresh.count)
    try assign(fresh, moved, settings)
  }

  /// Reads who is there.
  private mutating func read() throws(AegisError) {
    var named = [Bool](repeating: false, count: table.count)
    for (name, index) in try table.named() {
      if table.isUsed(index), !named[index] {
        named[index] = true
        known[name] = index
      } else {
        staleNames.append(name)
      }
    }
    nameless = named.indices.filter { !named[$0] && table.isUsed($0) }
  }

  private mutating func checkRoom(_ fresh: Int) throws(AegisError) {
    kept = known.count - removed.count
    let wanted = kept + fresh
    guard wanted > table.count else { return }
    throw AegisError(
      .failed, "there is no room for \(wanted) users: the relay has room for \(table.count)",
      hint: "make more: aegisctl load --replace --max-users \(UInt32(wanted).nextPowerOfTwo)")
  }

  /// Gives new users an index and a port, and those with another destination a port there.
  private mutating func assign(
    _ fresh: [RelayUserRequest], _ moved: [(request: RelayUserRequest, index: Int)],
    _ settings: RelaySettings?
  ) throws(AegisError) {
    if fresh.isEmpty, moved.isEmpty { return }
    guard let settings else { throw .relayIsOff }
    let leaving = Set(removed.map(\.index)).union(moved.map(\.index))
    var ports = RelayPorts(settings.ports)
    for index in known.values where !leaving.contains(index) { ports.take(table[index].backKey) }
    for (request, index) in moved {
      let before = table[index]
      var after = request.user(generation: before.generation)
      after.own_port = try ports.next(
        for: request.destination, preferring: UInt16(bigEndian: before.own_port)
      ).bigEndian
      redirected.append((index, before, after))
    }
    let taken = Set(known.values).subtracting(removed.map(\.index))
    var free = (0..<table.count).lazy.filter { !taken.contains($0) }.makeIterator()
    for request in fresh {
      guard let index = free.next() else { break }
      let last = table[index].generation
      var user = request.user(generation: RelayGeneration.next(after: last))
      user.own_port = try ports.next(for: request.destination, index: index, isNew: last == 0)
        .bigEndian
      added.append(((request.name, index), user))
    }
  }
}

/// The generation of a user: no session of it is one of a user that had the index before.
enum RelayGeneration {
  private static let count = UInt16(1) << UInt16(32 - AEGIS_RELAY_INDEX_BITS)

  /// - Parameter last: 0 if the index was never used.
  static func next(after last: UInt16) -> UInt16 { last % (count - 1) + 1 }

  /// Of an index that others may have had.
  static func any() -> UInt16 { .random(in: 1..<count) }
}

/// The ports of the relay that are free toward each destination. An index that nobody has had has a port of its own; one
/// that had a user gets any, since the destination may still send to the port of that user.
struct RelayPorts {
  private let range: ClosedRange<UInt16>
  private var taken: Set<RelayBack> = []

  init(_ range: ClosedRange<UInt16>) {
    self.range = range
  }

  mutating func take(_ back: RelayBack) { taken.insert(back) }

  /// - Throws: `badInput` if there is none.
  mutating func next(
    for destination: RelayEndpoint, preferring port: UInt16
  ) throws(AegisError) -> UInt16 {
    if range.contains(port), take(port, for: destination) { return port }
    return try next(for: destination, from: .random(in: 0..<range.count))
  }

  /// - Parameters:
  ///   - index: Of the user.
  ///   - isNew: Whether the index has had no user yet.
  /// - Throws: `badInput` if there is none.
  mutating func next(
    for destination: RelayEndpoint, index: Int, isNew: Bool
  ) throws(AegisError) -> UInt16 {
    let first = isNew ? index % range.count : .random(in: 0..<range.count)
    return try next(for: destination, from: first)
  }

  private mutating func take(_ port: UInt16, for destination: RelayEndpoint) -> Bool {
    taken.insert(RelayBack(destination: destination, ownPort: port)).inserted
  }

  private mutating func next(
    for destination: RelayEndpoint, from first: Int
  ) throws(AegisError) -> UInt16 {
    for step in 0..<range.count {
      let port = range.lowerBound + UInt16((first + step) % range.count)
      if take(port, for: destination) { return port }
    }
    throw AegisError(
      .badInput, "no port is left toward \(destination): --port-range has \(range.count)",
      hint: "give set-relay a larger --port-range, or add an address to the destination")
  }
}

extension UInt32 {
  fileprivate var nextPowerOfTwo: UInt32 { .powerOfTwo(atLeast: self) }
}

extension RelaySettings {
  /// - Throws: `badInput` for a destination that the relay cannot have.
  fileprivate func check(_ request: RelayUserRequest) throws(AegisError) {
    let destination = request.destination
    guard let own = listen(like: destination.address) else {
      throw AegisError(
        .badInput,
        "\(request.name): the relay has no \(destination.familyName) address to reach \(destination) from",
        hint: "give the relay one: set-relay --listen, or listen in a Host document")
    }
    if own.address == destination.address {
      throw AegisError(
        .badInput, "\(request.name): \(destination) is an address of the relay itself")
    }
  }
}

extension RelayUserRequest {
  fileprivate func hasLimits(of user: aegis_relay_user) -> Bool {
    (user.interval, user.depth) == (rate.interval, rate.depth)
      && Policy.Conditions.isSame(user.expires == 0 ? nil : user.expires, expires)
  }

  fileprivate func limits(of user: aegis_relay_user) -> aegis_relay_user {
    var user = user
    (user.interval, user.depth, user.expires) = (rate.interval, rate.depth, expires ?? 0)
    return user
  }

  /// A user that nobody has heard of yet, without a port of the relay.
  func user(generation: UInt16) -> aegis_relay_user {
    var user = limits(of: aegis_relay_user())
    user.destination = destination.address.octets
    user.port = destination.port.bigEndian
    user.family = destination.address.family
    user.generation = generation
    user.hash = name.hash
    return user
  }
}
