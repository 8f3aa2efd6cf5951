import Aegis
import BPF

/// One way to join two ports. What it passes is what arrives at the far end of the second one.
class WireCompetitor: Competitor {
  let name: String
  /// Its near end is the first port.
  let veth: VethPair
  /// Its near end is the second port.
  let exit: VethPair
  private let crossing: Crossing
  private let receiver: Crossing.Receiver

  init(_ name: String, _ crossing: Crossing, in lab: Lab) throws {
    self.name = name
    self.crossing = crossing
    veth = try lab.veth()
    exit = try lab.veth()
    receiver = try crossing.receive(at: exit, in: lab)
    for port in [veth, exit] {
      // Hardware that takes tags off is no port for a wire, and a port takes frames only if its far end uses NAPI.
      try Shell.run("ethtool -K \(port.interface) gro on rxvlan off rx-vlan-stag-hw-parse off")
      _ = try lab.inAway { try Shell.run("ethtool -K \(port.farInterface) gro on") }
    }
  }

  func attach() throws {}
  func detach() throws {}

  func verdicts() throws -> Verdicts? { Verdicts(passed: try crossing.arrived()) }
}

/// A program that redirects, and does nothing else.
final class BareWire: WireCompetitor {
  private let crossing: Crossing
  private var link: BPFLink?

  init(_ crossing: Crossing, in lab: Lab) throws {
    self.crossing = crossing
    try super.init(crossing.redirect.name, crossing, in: lab)
  }

  override func attach() throws {
    try crossing.aim(at: exit.index)
    link = try BPFLink(attaching: crossing.redirect.program, to: veth.index, mode: .native)
  }

  override func detach() throws {
    try link?.detach()
    link = nil
  }
}

/// The datapath as it is shipped, attached as a wire.
final class AegisWire: WireCompetitor {
  private let aegis: AegisUnderTest

  init(
    _ name: String, _ crossing: Crossing, in lab: Lab,
    prepare: (AegisUnderTest) throws -> Void = { _ in }
  ) throws {
    aegis = try AegisUnderTest(name, drops: 131_072, in: lab)
    try prepare(aegis)
    try super.init(name, crossing, in: lab)
  }

  override func attach() throws { try aegis.join(veth.interface, to: exit.interface) }
  override func detach() throws { try aegis.detach(from: veth.interface) }
}

/// The bridge of the kernel, which has learned where the frames go and asks no chain of nftables or iptables.
final class BridgeWire: WireCompetitor {
  private var bridge: String { "b\(veth.interface)" }

  init(_ crossing: Crossing, in lab: Lab) throws {
    try super.init("Linux bridge", crossing, in: lab)
  }

  override func attach() throws {
    try Shell.run(
      """
      set -e
      ip link add \(bridge) type bridge stp_state 0 mcast_snooping 0
      for setting in /proc/sys/net/bridge/bridge-nf-call-*; do
        [ ! -e "$setting" ] || echo 0 >"$setting"
      done
      ip link set \(veth.interface) master \(bridge)
      ip link set \(exit.interface) master \(bridge)
      ip link set \(bridge) addrgenmode none up
      bridge fdb replace \(Frame.otherAddress) dev \(exit.interface) master static
      """)
  }

  override func detach() throws { try Shell.run("ip link del \(bridge)") }
}

/// A filter of tc that redirects every packet.
final class MirredWire: WireCompetitor {
  init(_ crossing: Crossing, in lab: Lab) throws {
    try super.init("tc mirred redirect", crossing, in: lab)
  }

  override func attach() throws {
    try Shell.run(
      """
      set -e
      tc qdisc add dev \(veth.interface) clsact
      tc filter add dev \(veth.interface) ingress protocol all prio 1 u32 match u32 0 0 \
        action mirred egress redirect dev \(exit.interface)
      """)
  }

  override func detach() throws { try Shell.run("tc qdisc del dev \(veth.interface) clsact") }
}
