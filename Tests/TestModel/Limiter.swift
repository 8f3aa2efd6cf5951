import Aegis

/// What packets have used up of the buckets of a policy's rates, each of which has room of its own.
struct Limiter {
  /// What rates say of a packet.
  struct Answer {
    var isOver = false
    /// Over one that only monitors.
    var wouldDrop = false
  }

  /// Whose rates they are.
  private enum Owner: Hashable {
    case key(AllowKey)
    case rule(Policy.Rule)
    case rest
  }

  private struct Name: Hashable {
    let owner: Owner
    /// Nil for that of all sources.
    let source: IPAddress?
    let isOfBytes: Bool
  }

  private struct Charge {
    let name: Name
    let bucket: Policy.Limits.Bucket
    let amount: Int
  }

  private let policy: Policy
  private var used: [Name: Int] = [:]

  init(_ policy: Policy) {
    self.policy = policy
  }

  /// Charges a packet to all that it must conform to, or to none.
  ///
  /// - Parameters:
  ///   - key: That lets it in.
  ///   - size: Packets that it stands for, and their bytes. They conform together, and are all charged: more than a
  ///     bucket holds to one that nothing is used of.
  mutating func judge(
    _ packet: Packet, by key: Policy.Key?, _ size: (packets: Int, bytes: Int)
  ) -> Answer {
    var answer = Answer()
    var conforming: [Charge] = []
    for charge in charges(for: packet, by: key, size) {
      let needed = min(charge.amount, charge.bucket.size)
      guard used[charge.name, default: 0] + needed > charge.bucket.size else {
        conforming.append(charge)
        continue
      }
      guard charge.bucket.isMonitored else {
        // Those behind it are not asked.
        answer.isOver = true
        return answer
      }
      answer.wouldDrop = true
    }
    for charge in conforming { used[charge.name, default: 0] += charge.amount }
    return answer
  }

  /// What holds for a packet: its source's packets and bytes, then those of all.
  private func charges(
    for packet: Packet, by key: Policy.Key?, _ size: (packets: Int, bytes: Int)
  ) -> [Charge] {
    let limits = limits(for: packet, by: key)
    let source = limits.first { $0.limits.source != nil }
    let total = limits.first { $0.limits.total != nil }
    return [
      (source?.owner, source?.limits.source, packet.limited),
      (total?.owner, total?.limits.total, nil),
    ].flatMap { owner, buckets, address in
      guard let owner else { return [Charge]() }
      return [(buckets?.packets, false), (buckets?.bytes, true)].compactMap { bucket, isOfBytes in
        bucket.map {
          Charge(
            name: Name(owner: owner, source: address, isOfBytes: isOfBytes), bucket: $0,
            amount: isOfBytes ? size.bytes : size.packets)
        }
      }
    }
  }

  /// The most specific first. A key's own rate holds instead of all others.
  private func limits(
    for packet: Packet, by key: Policy.Key?
  ) -> [(owner: Owner, limits: Policy.Limits)] {
    if let key, let own = key.limits { return [(.key(key.key), own)] }
    let number = policy.classNumber(of: packet.peer)
    return policy.rules.filter { $0.selects(packet, of: number) }
      .sorted { $0.isMoreSpecific(than: $1) }
      .map { (.rule($0), $0.limits) } + [(.rest, policy.defaultLimits)]
  }
}
