internal import BPF
internal import CAegis
internal import Glibc
internal import Linux
internal import Synchronization

/// The users of the relay in the kernel. The datapath writes to all of a value but its first line, which is the tool's.
final class RelayTable {
  private let users: MappedValues<aegis_relay_user>
  private let names: BPFMap<aegis_relay_name, UInt32>
  private let back: BPFMap<aegis_relay_back, UInt32>

  private enum Place {
    static let destination = FieldPlace(\aegis_relay_user.destination)
    static let expires = FieldPlace(\aegis_relay_user.expires)
    static let interval = FieldPlace(\aegis_relay_user.interval)
    static let depth = FieldPlace(\aegis_relay_user.depth)
    static let port = FieldPlace(\aegis_relay_user.port)
    static let ownPort = FieldPlace(\aegis_relay_user.own_port)
    static let family = FieldPlace(\aegis_relay_user.family)
    static let forth = FieldPlace(\aegis_relay_user.forth.until)
    static let own = FieldPlace(\aegis_relay_user.own)
    static let newest = FieldPlace(\aegis_relay_user.newest)
    static let window = [
      FieldPlace(\aegis_relay_user.window.0), .init(\.window.1), .init(\.window.2),
      .init(\.window.3), .init(\.window.4), .init(\.window.5), .init(\.window.6),
      .init(\.window.7),
    ]
    static let packets = FieldPlace(\aegis_relay_user.packets)
    static let bytes = FieldPlace(\aegis_relay_user.bytes)
    static let packetsBack = FieldPlace(\aegis_relay_user.packets_back)
    static let bytesBack = FieldPlace(\aegis_relay_user.bytes_back)
  }

  init(_ datapath: Datapath) throws(AegisError) {
    // Values have keys of tokens.
    CoreDump.forbid()
    names = try datapath.map(AEGIS_MAP_relay_name)
    back = try datapath.map(AEGIS_MAP_relay_back)
    let pin = datapath.pin(of: AEGIS_MAP_relay_user)
    users = try kernel { () throws(SystemError) in try MappedValues(pinnedAt: pin) }
  }

  var count: Int { users.count }

  subscript(index: Int) -> aegis_relay_user { users.value(at: index) }

  /// How many users there are whose time has not passed.
  var alive: Int {
    let now = Clock.boottime()
    return (0..<count).count { index in
      let expires = users.get(Place.expires, at: index)
      return isUsed(index) && (expires == 0 || expires > now)
    }
  }

  func isUsed(_ index: Int) -> Bool { users.get(Place.family, at: index) != 0 }

  /// What all users, also those that are no more, have sent and received since the table was made.
  func total() -> (forth: RelayUser.Counts, back: RelayUser.Counts) {
    var forth = RelayUser.Counts(packets: 0, bytes: 0)
    var back = forth
    for index in 0..<count {
      forth.packets &+= users.get(Place.packets, at: index)
      forth.bytes &+= users.get(Place.bytes, at: index)
      back.packets &+= users.get(Place.packetsBack, at: index)
      back.bytes &+= users.get(Place.bytesBack, at: index)
    }
    return (forth, back)
  }

  /// Every name that there is, with an index below `count`.
  func named() throws(AegisError) -> [(name: RelayName, index: Int)] {
    try kernel { () throws(SystemError) in
      var all: [(name: RelayName, index: Int)] = []
      try names.visit { key, index in
        if index < count { all.append((RelayName(key), Int(index))) }
      }
      return all
    }
  }

  func backs() throws(AegisError) -> [(back: aegis_relay_back, index: Int)] {
    try kernel { () throws(SystemError) in
      var all: [(back: aegis_relay_back, index: Int)] = []
      try back.visit { all.append(($0, Int($1))) }
      return all
    }
  }
}

extension RelayTable {
  /// From now on there is no such user.
  func clear(_ index: Int) {
    users.set(Place.family, at: index, to: 0)
  }

  /// Makes a user at an index that has none: the datapath does not look at its value before its family is there.
  func make(_ user: aegis_relay_user, at index: Int) {
    var value = user
    value.family = 0
    value.continueCounters(of: users.value(at: index))
    users.set(value, at: index)
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    users.set(Place.family, at: index, to: user.family)
  }

  /// Changes where a user's packets go to. While it is written there is no such user.
  func redirect(_ user: aegis_relay_user, at index: Int) {
    clear(index)
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    users.set(Place.destination, at: index, to: user.destination)
    users.set(Place.port, at: index, to: user.port)
    users.set(Place.ownPort, at: index, to: user.own_port)
    limit(user, at: index)
    forgetHop(index)
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    users.set(Place.family, at: index, to: user.family)
  }

  /// Changes its rate and its end, each in one store.
  func limit(_ user: aegis_relay_user, at index: Int) {
    users.set(Place.interval, at: index, to: user.interval)
    users.set(Place.depth, at: index, to: user.depth)
    users.set(Place.expires, at: index, to: user.expires)
  }

  /// The next hop to the destination is looked up again.
  func forgetHop(_ index: Int) {
    users.set(Place.forth, at: index, to: 0)
  }

  /// No packet may be on its way.
  func forgetKeys() {
    for index in 0..<count where users.get(Place.own, at: index).mark != 0 {
      users.set(Place.own, at: index, to: aegis_relay_own())
    }
  }

  func name(_ users: [(name: RelayName, index: Int)]) throws(SystemError) {
    try names.update(users.map { ($0.name.key, UInt32($0.index)) })
  }

  func forget(_ gone: [RelayName]) throws(SystemError) {
    try names.remove(gone.map(\.key))
  }

  func find(_ users: [(back: RelayBack, index: Int)]) throws(SystemError) {
    try back.update(users.map { ($0.back.key, UInt32($0.index)) })
  }

  func lose(_ gone: [aegis_relay_back]) throws(SystemError) {
    try back.remove(gone)
  }
}

extension RelayTable {
  /// Copies what fits, and throws E2BIG if there are users that do not. The counters begin at zero: a counter of
  /// which a part is lost would fall otherwise.
  static func copyUsers(from old: String, to new: String) throws(SystemError) {
    let source = try PastUsers(pinnedAt: old)
    let target = try MappedValues<aegis_relay_user>(pinnedAt: new)
    for index in 0..<source.count {
      var value = source[index]
      value.settle()
      value.restartCounters()
      if index < target.count {
        target.set(value, at: index)
      } else if value.isUsed {
        throw SystemError(operation: "copy to", subject: AEGIS_MAP_relay_user.name, errno: E2BIG)
      }
    }
    for index in min(source.count, target.count)..<target.count {
      let generation = target.value(at: index).generation
      if generation != 0, target.get(Place.family, at: index) == 0 { continue }
      // A smaller table may have forgotten who had this index, and tokens of theirs must not be valid again.
      var value = aegis_relay_user()
      value.generation = generation != 0 ? generation : RelayGeneration.any()
      target.set(value, at: index)
    }
  }

  /// Notes in a copy which counters came to the table meanwhile, so that none is accepted again.
  static func noteCounters(of old: String, in new: String) throws(SystemError) {
    let source = try PastUsers(pinnedAt: old)
    let target = try MappedValues<aegis_relay_user>(pinnedAt: new)
    for index in 0..<min(source.count, target.count) {
      let (past, user) = (source[index], target.value(at: index))
      guard past.isUsed, past.hash == user.hash, past.generation == user.generation else {
        continue
      }
      for (place, seen) in zip(Place.window, past.words) {
        aegis_relay_note(target.pointer(to: place, at: index), seen)
      }
      if past.newest > target.get(Place.newest, at: index) {
        target.set(Place.newest, at: index, to: past.newest)
      }
    }
  }
}

/// The users of a table, which may be of an earlier layout with fewer fields.
private struct PastUsers {
  private let source: MappedArray
  private let size: Int
  let count: Int

  init(pinnedAt path: String) throws(SystemError) {
    CoreDump.forbid()
    size = Int(try AnyBPFMap(pinnedAt: path).info().valueSize)
    source = try MappedArray(pinnedAt: path, valueSize: size)
    count = source.bytes.count / size
  }

  subscript(index: Int) -> aegis_relay_user {
    var value = aegis_relay_user()
    withUnsafeMutableBytes(of: &value) {
      $0.copyBytes(from: source.bytes[index * size..<(index + 1) * size].prefix($0.count))
    }
    return value
  }
}

extension aegis_relay_user {
  fileprivate var words: [UInt64] {
    withUnsafeBytes(of: window) { Array($0.bindMemory(to: UInt64.self)) }
  }

  /// Takes away what may have been half written when it was read. The next packet of the client writes it again.
  fileprivate mutating func settle() {
    if turn % 2 == 1 { client_port = 0 }
    turn = 0
    own = aegis_relay_own()
  }
}
