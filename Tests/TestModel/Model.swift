import Aegis
import CAegis

/// What the datapath should do with frame after frame under a policy.
struct Model {
  let policy: Policy
  private var limiter: Limiter

  /// Ports of this host that connections can be opened to.
  private let listening: Set<UInt16>

  init(_ policy: Policy, listening: Set<UInt16> = []) {
    self.policy = policy
    self.listening = listening
    limiter = Limiter(policy)
  }

  /// Why the last frame would be dropped by what only monitors.
  private(set) var wouldDrop: Reason?

  /// The class of the source of the last frame; 0 if it was not read or nothing asks.
  private(set) var classNumber = 0

  /// The list that the last frame counts for, as dropped or as what would be; nil if for none.
  private(set) var list: Int?

  /// What the last frame counts for.
  private(set) var size = (packets: 1, bytes: 0)

  mutating func judge(_ frame: Frame) -> Reason { judge(Buffer(frame: frame)) }

  mutating func judge(_ buffer: Buffer) -> Reason {
    wouldDrop = nil
    classNumber = 0
    list = nil
    size = (buffer.packets, buffer.frame.bytes.count)
    if !policy.isConfigured { return Reason(AEGIS_PASS_UNCONFIGURED) }
    if case .ip(let packet)? = try? buffer.content() {
      size.bytes = buffer.length(headers: packet.headers)
    }
    if policy.isUnconfirmed { return Reason(AEGIS_PASS_UNCONFIRMED) }
    let reason = Reason(decision(on: buffer))
    let isDropped = reason.verdict == .drop
    if isDropped, policy.isMonitoring { wouldDrop = reason }
    // A list counts what it decides on, and not what would have been dropped for another reason in the end.
    let byEntries = [Reason(AEGIS_DROP_HOST), Reason(AEGIS_DROP_PREFIX)]
    if !byEntries.contains(reason), wouldDrop.map(byEntries.contains) != true { list = nil }
    return isDropped && policy.isMonitoring ? Reason(AEGIS_PASS_MONITORED) : reason
  }

  private mutating func decision(on buffer: Buffer) -> aegis_reason {
    do throws(Unreadable) {
      switch try buffer.content() {
      case .ip(let packet): return judge(packet)
      case .arp: return AEGIS_PASS_ARP
      case .linkControl: return AEGIS_PASS_LINK_CONTROL
      case .other: return policy.deniesByDefault ? AEGIS_DROP_NOT_IP : AEGIS_PASS_NOT_IP
      }
    } catch {
      switch error {
      case .malformed: return AEGIS_DROP_MALFORMED
      case .tooManyExtensions: return AEGIS_DROP_EXTENSION_HEADERS
      case .tooManyTags: return AEGIS_DROP_VLAN_TAGS
      }
    }
  }

  private mutating func judge(_ packet: Packet) -> aegis_reason {
    if policy.asksForClasses { classNumber = policy.classNumber(of: packet.peer) }
    // Denied, a packet in parts gets in with all of them or with none.
    let isWithoutPort = policy.deniesByDefault && packet.isFragment
    let keys = policy.keys.filter {
      !$0.isExpired && packet.isNamed(by: $0.key) && (!isWithoutPort || $0.key.ports == nil)
    }
    let drops = policy.drops.filter { $0.prefix.contains(packet.peer) }
    if keys.contains(where: \.isProtected) { return AEGIS_PASS_PROTECTED }
    if let reason = judge(drops) { return reason }
    if packet.isNeighbour { return AEGIS_PASS_NEIGHBOUR }
    let key = keys.min { $0.key.comesBefore($1.key) }
    var reason = key == nil ? byDefault(packet) : AEGIS_PASS_KEY
    if Reason(reason).verdict == .drop, packet.isAnswer(of: listening) {
      reason = AEGIS_PASS_REPLY
    }
    guard Reason(reason).verdict == .pass else { return reason }
    let rates = limiter.judge(packet, by: key, size)
    if rates.wouldDrop { wouldDrop = Reason(AEGIS_DROP_RATE) }
    return rates.isOver ? AEGIS_DROP_RATE : reason
  }

  /// `drops`: those that name the source. The longest prefixes are asked first, and of equal ones the list with the
  /// least number.
  private mutating func judge(_ drops: [Policy.Drop]) -> aegis_reason? {
    let inOrder = drops.sorted {
      ($1.prefix.length, $0.list) < ($0.prefix.length, $1.list)
    }
    for length in inOrder.map(\.prefix.length).removingRepeated {
      var hasCounted = false
      for drop in inOrder where drop.prefix.length == length {
        let own = policy.lists.first { $0.number == drop.list }
        if drop.isExpired || own?.isExpired ?? false || own?.isSet ?? false { continue }
        let reason = drop.prefix.isHost ? AEGIS_DROP_HOST : AEGIS_DROP_PREFIX
        if !drop.isMonitored, !(own?.isMonitored ?? false) {
          list = drop.list
          return reason
        }
        wouldDrop = Reason(reason)
        // The first one of a prefix counts, and the shortest of the prefixes.
        if !hasCounted { list = drop.list }
        hasCounted = true
      }
    }
    return nil
  }

  private func byDefault(_ packet: Packet) -> aegis_reason {
    switch (policy.deniesByDefault, packet.isLaterFragment) {
    case (false, true): AEGIS_PASS_FRAGMENT
    case (false, false): AEGIS_PASS_DEFAULT
    case (true, _) where packet.isTooBig: AEGIS_PASS_PACKET_TOO_BIG
    case (true, true): AEGIS_DROP_FRAGMENT
    case (true, false): AEGIS_DROP_DEFAULT
    }
  }
}

extension AllowKey {
  /// Which of the keys that name a packet is the one that lets it in: those with a protocol and a port are asked for
  /// first, then with a protocol, with a port, with neither, and then those of several ports; of these one of any
  /// source, of the host, of the longest prefix, and the one with the fewest ports.
  fileprivate func comesBefore(_ other: AllowKey) -> Bool {
    order.lexicographicallyPrecedes(other.order)
  }

  private var order: [Int] {
    let (hasPort, hasProtocol) = (ports != nil, `protocol` != nil)
    let count = ports?.numbers.count ?? 0
    return [
      count > 1 ? 1 : 0, hasProtocol ? 0 : 1, hasPort ? 0 : 1, source == nil ? 0 : 1,
      -(source?.length ?? 0), count,
    ]
  }
}

extension [Int] {
  /// Those that are next to each other once.
  fileprivate var removingRepeated: [Int] {
    reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }
}
