internal import CAegis

/// Where packets go, seen from this host.
public enum Direction: String, Sendable, CaseIterable {
  /// To this host, or through it: ingress.
  case `in`
  /// From this host: egress.
  case out

  /// What a command needs behind its other options to be about this direction.
  public var option: String { self == .out ? " --out" : "" }

  init(_ direction: aegis_direction) { self = direction == AEGIS_DIRECTION_OUT ? .out : .in }

  var abi: aegis_direction { self == .out ? AEGIS_DIRECTION_OUT : AEGIS_DIRECTION_IN }
}
