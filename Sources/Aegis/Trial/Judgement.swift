internal import CAegis

/// What the datapath would do with a packet, and how it came to that.
public struct Judgement: Sendable {
  let trial: aegis_trial

  init(_ trial: aegis_trial) {
    self.trial = trial
  }

  public var reason: Reason { Reason(rawValue: trial.reason) }

  /// The reason that would drop it, if that were not only monitored.
  public var wouldDrop: Reason? {
    trial.would_drop == 0 ? nil : Reason(rawValue: trial.would_drop)
  }

  /// nil where no IP header was read.
  public var source: IPAddress? { IPAddress(trial.source, family: UInt32(trial.family)) }

  /// nil where no IP header was read.
  public var `protocol`: TransportProtocol? {
    source.map { _ in TransportProtocol(rawValue: trial.protocol) }
  }

  /// Of the destination; nil where none was read.
  public var port: UInt16? { trial.port == 0 ? nil : UInt16(bigEndian: trial.port) }
}

extension IPAddress {
  /// nil for `AEGIS_FAMILY_ANY`.
  init?(_ octets: aegis_address, family: UInt32) {
    switch family {
    case AEGIS_FAMILY_V4.rawValue: self.init(v4: octets)
    case AEGIS_FAMILY_V6.rawValue: self.init(v6: octets)
    default: return nil
    }
  }
}
