import Aegis

extension Reason {
  /// Those of packets that come in by no port of a wire. The others are of LiveTests.GatewayTests.
  static let ofIngress = ofEither.filter { $0.name != "pass.reply" }

  /// And of packets that leave.
  static let ofEither = Set(
    allCases.filter { !["pass.trusted", "drop.too-big", "drop.wire-down"].contains($0.name) })
}
