import Aegis

/// Distinct hosts and prefixes of one family, in random order.
struct AddressList {
  enum Kind: String, CaseIterable {
    case hosts = "IPv4 hosts"
    case blocklist = "IPv4 blocklist"
    case random = "IPv4 /8 to /32"
    case blocklistIPv6 = "IPv6 blocklist"

    var isIPv6: Bool { self == .blocklistIPv6 }
    var width: Int { isIPv6 ? 128 : 32 }
    /// The length of prefixes in which addresses are near each other.
    var near: Int { isIPv6 ? 32 : 16 }

    fileprivate func length(_ random: inout FastGenerator) -> Int {
      let share = Int.random(in: 0..<100, using: &random)
      return switch self {
      case .hosts: 32
      case .blocklist: share < 80 ? 32 : share < 90 ? 24 : 20
      case .random: Int.random(in: 8...32, using: &random)
      case .blocklistIPv6:
        share < 60 ? 128 : share < 85 ? 64 : Int.random(in: 32...56, using: &random)
      }
    }
  }

  static let description = """
    an IPv4 blocklist is 80 % hosts, 10 % /24 and 10 % /20; an IPv6 blocklist 60 % hosts, 25 % /64 and 15 % \
    /32 to /56, in \(networks) random /32; random addresses are listed only where nearly all are
    """
  private static let networks = 20_000

  let kind: Kind
  let items: [PrefixItem]
  let hosts: [PrefixItem]

  init(_ kind: Kind, count: Int) {
    var random = FastGenerator()
    let networks = (0..<Self.networks).map { _ in
      Self.global(random.next128()) & .max << 96
    }
    var items: Set<PrefixItem> = []
    items.reserveCapacity(count)
    while items.count < count {
      var bits = random.next128()
      if kind.isIPv6 {
        bits = networks[Int.random(in: networks.indices, using: &random)] | bits >> 32
      }
      let length = kind.length(&random)
      items.insert(PrefixItem(bits: bits & .max << UInt128(128 - length), length: length))
    }
    self.kind = kind
    self.items = items.shuffled(using: &random)
    hosts = self.items.filter { $0.length == kind.width }
  }

  /// An address in 2000::/3.
  fileprivate static func global(_ bits: UInt128) -> UInt128 { bits >> 3 | 1 << 125 }
}

extension AddressList {
  enum Sources: CaseIterable {
    case listed, far, near, hot

    func name(in kind: Kind) -> String {
      switch self {
      case .listed: "listed"
      case .far: "random"
      case .near: "in the /\(kind.near) of one"
      case .hot: "one listed host"
      }
    }

    var areListed: Bool { self == .listed || self == .hot }
  }

  /// Addresses aligned to the most significant bit. Those that are not to be listed may be, by chance.
  func addresses(_ count: Int, _ sources: Sources) -> [UInt128] {
    var random = FastGenerator()
    let host = hosts.randomElement(using: &random)
    let hostBits: UInt128 = .max >> UInt128(kind.width)
    return (0..<count).map { _ in
      let item = items[Int.random(in: items.indices, using: &random)]
      let some = random.next128()
      let address =
        switch sources {
        case .listed: Self.inside(item, Int(item.length), some)
        case .far: kind.isIPv6 ? Self.global(some) : some
        case .near: Self.inside(item, kind.near, some)
        case .hot: host?.bits ?? item.bits
        }
      return kind.isIPv6 ? address : address & ~hostBits
    }
  }

  private static func inside(_ item: PrefixItem, _ length: Int, _ some: UInt128) -> UInt128 {
    let rest: UInt128 = length == 128 ? 0 : .max >> UInt128(length)
    return item.bits & ~rest | some & rest
  }
}

/// The kernel's generator takes a call for each number, which millions of them would wait for.
struct FastGenerator: RandomNumberGenerator {
  private var state = UInt64.random(in: 0 ... .max)

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  mutating func next128() -> UInt128 { UInt128(next()) << 64 | UInt128(next()) }
}
