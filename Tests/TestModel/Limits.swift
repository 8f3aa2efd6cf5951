import Aegis

extension Policy {
  /// How much may come of the packets that something selects.
  struct Limits: Hashable, Sendable {
    /// What may come at once. It comes back so slowly that none does while a test runs.
    struct Bucket: Hashable, Sendable {
      var size: Int
      var isMonitored = false
    }

    /// Both must conform.
    struct Buckets: Hashable, Sendable {
      var packets: Bucket?
      var bytes: Bucket?
    }

    /// Of each source by itself.
    var source: Buckets?
    /// Of all of them together.
    var total: Buckets?
  }

  /// A rate beside the default one.
  struct Rule: Hashable, Sendable {
    struct Port: Hashable, Sendable {
      var protocolNumber: UInt8
      var number: UInt16
    }

    /// What it is for; nil is any.
    var port: Port?
    var prefix: Prefix?
    /// With neither of them.
    var classNumber: Int?
    var limits: Limits

    func selects(_ packet: Packet, of number: Int) -> Bool {
      if let classNumber, classNumber != number { return false }
      if let port, port.protocolNumber != packet.protocolNumber || port.number != packet.port {
        return false
      }
      return prefix?.contains(packet.peer) ?? true
    }

    /// The most specific decides: port and prefix, port, prefix, class; of prefixes the longest.
    func isMoreSpecific(than other: Rule) -> Bool {
      (rank, prefix?.length ?? 0) > (other.rank, other.prefix?.length ?? 0)
    }

    private var rank: Int {
      (port == nil ? 0 : 4) + (prefix == nil ? 0 : 2) + (classNumber == nil ? 0 : 1)
    }
  }

  /// What holds where no rule does.
  var defaultLimits: Limits {
    let bucket = rate.map {
      Limits.Bucket(size: Int($0.effectiveBurst), isMonitored: $0.isMonitored)
    }
    return Limits(source: bucket.map { Limits.Buckets(packets: $0) })
  }

  /// How many bytes its buckets of bytes hold.
  var bytesHeld: [Int] {
    (rules.map(\.limits) + keys.compactMap(\.limits)).flatMap { limits in
      [limits.source, limits.total].compactMap { $0?.bytes?.size }
    }
  }

  /// Whether a packet's lot may hang on those before it.
  var hasLimits: Bool {
    rate != nil || !rules.isEmpty || keys.contains { $0.limits != nil }
  }
}

extension Policy.Limits: CustomStringConvertible {
  var description: String {
    let parts = [("source", source), ("total", total)].flatMap { name, buckets in
      [
        buckets?.packets.map { "\(name) \($0.size) packets\($0.isMonitored ? " monitored" : "")" },
        buckets?.bytes.map { "\(name) \($0.size) bytes\($0.isMonitored ? " monitored" : "")" },
      ].compactMap { $0 }
    }
    return "(" + parts.joined(separator: ", ") + ")"
  }
}

extension Policy.Rule: CustomStringConvertible {
  var description: String {
    let selector = [
      port.map { "port \($0.number)/\($0.protocolNumber)" }, prefix.map { "from \($0)" },
      classNumber.map { "class \($0)" },
    ].compactMap { $0 }
    return "limit " + selector.joined(separator: " ") + " \(limits)"
  }
}
