import Aegis

extension Reason {
  /// Those of packets that come in by no port of a wire, match no rule and are not for the relay or the hook. The others
  /// are of LiveTests.GatewayTests and of the tests of rules, of the relay and of the hook.
  static let ofIngress = ofEither.filter { $0.name != "pass.reply" }

  /// And of packets that leave.
  static let ofEither = Set(
    allCases.filter { reason in
      !["pass.trusted", "drop.too-big", "drop.wire-down"].contains(reason.name)
        && !reason.name.contains(".relay") && !reason.name.contains(".hook")
        && !reason.name.hasSuffix(".rule")
    })
}
