internal import BPF
internal import CAegis
internal import Linux

/// Rates other than the default one, and the key that they are stored under.
struct StoredRates {
  enum Place {
    case port(aegis_port)
    case prefix(aegis_key_prefix, isTotal: Bool)
    /// The number of a class, after those of the profiles before.
    case addressClass(UInt32)
    /// The number of an allow key's rate.
    case key(UInt32)
  }

  let place: Place
  var rates: aegis_rates

  /// Whether they are for several ports.
  var isOfGroup: Bool {
    switch place {
    case .port(let key): key.protocol == 0
    case .prefix(let key, _): key.key.protocol == 0 && key.key.port != 0
    case .addressClass, .key: false
    }
  }

  /// The number of the profile that has them; nil for those of keys.
  var profile: UInt32? {
    switch place {
    case .port(let key): UInt32(key.profile)
    case .prefix(let key, _): key.key.profile
    case .addressClass(let number): number / AEGIS_CLASSES
    case .key: nil
    }
  }

  /// The maps that hold rates. They also store the place of the buckets, and so they belong to one table of buckets.
  static let maps = aegis_map.with(AEGIS_REPLACE_RATES).filter(\.isDeclared)
  static let rules = maps.filter { $0.row.role == AEGIS_ROLE_RATES }

  /// Reads everything that these maps of a generation hold.
  static func read(
    _ directory: String, abi: UInt32, _ maps: [aegis_map] = maps
  ) throws(AegisError) -> [StoredRates] {
    try kernel { () throws(SystemError) in
      let reader = Reader(directory: directory, isPast: abi < 4)
      var all: [StoredRates] = []
      for map in maps {
        switch map {
        case AEGIS_MAP_rate_port: all += try reader.read(map, Place.port)
        case AEGIS_MAP_key_rate: all += try reader.read(map, Place.key)
        case AEGIS_MAP_rate_class:
          // A layout without classes has no such map, and an array has a value for each class.
          guard try FileSystem.exists(map.pin(in: directory)) else { continue }
          all += try reader.read(map, Place.addressClass).filter { !$0.rates.isEmpty }
        default:
          all += try reader.read(map) { .prefix($0, isTotal: map == AEGIS_MAP_total_prefix) }
        }
      }
      return all
    }
  }

  /// The lines of the limiter's table that belong to a rate.
  static func lines(of datapath: Datapath) throws(AegisError) -> [Range<UInt32>] {
    let all = try read(datapath.directory, abi: datapath.origin.abi)
    let rest = try datapath.profileViews.map { view throws(AegisError) in
      try Settings.read(view).rates.lines
    }
    return all.flatMap(\.rates.lines) + rest.flatMap(\.self)
  }

  private struct Reader {
    let directory: String
    let isPast: Bool

    func read<Key: BitwiseCopyable>(
      _ map: aegis_map, _ place: (Key) -> Place
    ) throws(SystemError) -> [StoredRates] {
      let path = map.pin(in: directory)
      var all: [StoredRates] = []
      if isPast {
        try BPFMap<Key, aegis3_rates>(pinnedAt: path).visit {
          all.append(StoredRates(place: place($0), rates: aegis_rates($1)))
        }
      } else {
        try BPFMap<Key, aegis_rates>(pinnedAt: path).visit {
          all.append(StoredRates(place: place($0), rates: $1))
        }
      }
      return all
    }
  }

  /// Replaces the rates of a generation with these.
  static func write(_ all: [StoredRates], to directory: String) throws(AegisError) {
    var ports: [(key: aegis_port, value: aegis_rates)] = []
    var prefixes: [(key: aegis_key_prefix, value: aegis_rates)] = []
    var totals: [(key: aegis_key_prefix, value: aegis_rates)] = []
    var keys: [(key: UInt32, value: aegis_rates)] = []
    var classes = (0..<AEGIS_PROFILES * AEGIS_CLASSES).map { (key: $0, value: aegis_rates()) }
    for one in all {
      switch one.place {
      case .port(let key): ports.append((key, one.rates))
      case .prefix(let key, isTotal: false): prefixes.append((key, one.rates))
      case .prefix(let key, isTotal: true): totals.append((key, one.rates))
      case .key(let number): keys.append((number, one.rates))
      case .addressClass(let number): classes[Int(number)].value = one.rates
      }
    }
    try kernel { () throws(SystemError) in
      try put(ports, into: AEGIS_MAP_rate_port.pin(in: directory))
      try put(prefixes, into: AEGIS_MAP_rate_prefix.pin(in: directory))
      try put(totals, into: AEGIS_MAP_total_prefix.pin(in: directory))
      try put(keys, into: AEGIS_MAP_key_rate.pin(in: directory))
      try BPFMap<UInt32, aegis_rates>(pinnedAt: AEGIS_MAP_rate_class.pin(in: directory))
        .update(classes)
    }
  }

  private static func put<Key: BitwiseCopyable>(
    _ entries: [(key: Key, value: aegis_rates)], into path: String
  ) throws(SystemError) {
    let map = try BPFMap<Key, aegis_rates>(pinnedAt: path)
    if try !map.isEmpty() { try map.remove(map.entries().map(\.key)) }
    try map.update(entries)
  }
}
