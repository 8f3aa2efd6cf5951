import BPF
import Linux
import Testing

@testable import Aegis

@Suite("Findings about an interface")
struct DoctorInterfaceTests {
  static var healthy: InterfaceFacts {
    InterfaceFacts(
      name: "eth1", driver: "ice", xdp: [.native, .redirect, .fragments], mtu: 1500,
      pageSize: 4096,
      offloads: [
        "rx-lro": .init(isOn: false, isChangeable: true),
        "rx-vlan-hw-parse": .init(isOn: false, isChangeable: true),
      ],
      queues: .init(receive: 8, most: 16, isCombined: true), cpus: 8, occupant: nil,
      isAttached: false)
  }

  private func problems(_ change: (inout InterfaceFacts) -> Void) -> [Finding] {
    var facts = Self.healthy
    change(&facts)
    return InterfaceChecks(facts: facts).findings.filter { $0.level != .ok }
  }

  @Test("are all well on a card that can do everything")
  func allWell() {
    #expect(problems { _ in }.isEmpty)
    #expect(problems { $0.xdp = nil }.isEmpty)
    #expect(problems { $0.queues = nil }.isEmpty)
    #expect(problems { $0.mtu = 9000 }.isEmpty)
  }

  @Test(
    "name an offload that is on, with the command that switches it off",
    arguments: [
      ("rx-lro", "lro", "ethtool -K eth1 lro off"),
      ("rx-gro-hw", "gro-hw", "ethtool -K eth1 rx-gro-hw off"),
      ("rx-vlan-hw-parse", "rx-vlan", "ethtool -K eth1 rxvlan off"),
    ])
  func offloads(name: String, check: String, fix: String) {
    let found = problems { $0.offloads[name] = .init(isOn: true, isChangeable: true) }
    #expect(found.map(\.check) == [check])
    #expect(found.first?.fix == fix)
    let fixed = problems { $0.offloads[name] = .init(isOn: true, isChangeable: false) }
    #expect(fixed.map(\.message) == ["on, and cannot be turned off"])
    #expect(fixed.first?.fix == nil)
  }

  @Test(
    "compare the MTU with what fits a page",
    arguments: [
      (3498, [.native], nil), (3499, [.native], .error), (9000, [.native, .fragments], nil),
      (3499, nil, .warning),
    ] as [(Int, XDPFeatures?, Finding.Level?)])
  func mtu(mtu: Int, xdp: XDPFeatures?, level: Finding.Level?) {
    let found = problems {
      $0.mtu = mtu
      $0.xdp = xdp
    }
    #expect(found.first?.level == level)
    if level != nil { #expect(found.first?.fix == "ip link set dev eth1 mtu 3498") }
  }

  @Test("compare the queues with the CPUs")
  func queues() {
    let few = problems { $0.queues = .init(receive: 2, most: 4, isCombined: true) }
    #expect(few.map(\.message) == ["2 receive, 8 CPUs"])
    #expect(few.first?.fix == "ethtool -L eth1 combined 4")
    let more = problems { $0.queues = .init(receive: 2, most: 64, isCombined: false) }
    #expect(more.first?.fix == "ethtool -L eth1 rx 8")
    #expect(problems { $0.queues = .init(receive: 4, most: 4, isCombined: true) }.isEmpty)
  }

  @Test("name the other ends of tunnels, with the commands that exempt them")
  func tunnels() throws {
    let known = GuardedFlow(
      role: .tunnel("vx0"), source: .v4(0xc000_0209), port: 4789, protocol: .udp)
    let unknown = GuardedFlow(
      role: .tunnel("wg0"), source: .v4(0), port: 51820, protocol: .udp, origin: .anyV4)
    let found = problems { $0.carried = [known, unknown] }
    #expect(
      found.map(\.message) == [
        "the tunnel vx0 to 192.0.2.9, the tunnel wg0, whose peers are not known"
      ])
    #expect(
      found.first?.fix == "aegisctl allow-key 192.0.2.9:4789/udp --protect && "
        + "aegisctl allow-key PEER:51820/udp --protect for each peer")
    let many = problems {
      $0.carried = (1...7).map {
        GuardedFlow(role: .tunnel("x"), source: .v4($0), port: nil, protocol: .gre)
      }
    }
    #expect(many.first?.message.hasSuffix("the tunnel x to 0.0.0.5, 2 more") == true)
    #expect(many.first?.fix?.contains(" 0.0.0.7/gre --protect") == true)
  }

  @Test("say what generic mode costs")
  func generic() {
    let bridge = problems {
      $0.driver = "bridge"
      $0.xdp = []
    }
    #expect(bridge.map(\.message) == ["none: driver bridge"])
    #expect(bridge.first?.reason?.contains("generic mode") == true)
    let veth = problems {
      $0.driver = "veth"
      $0.xdp = []
      $0.queues = .init(receive: 8, most: 8, isCombined: false)
    }
    #expect(veth.first?.fix == "ethtool -L eth1 rx 8")
  }

  @Test(
    "say who holds the interface, and the command that takes it off",
    arguments: [
      (.dispatcher, .native, "of libxdp", "xdp-loader unload eth1 --all"),
      (.sockets, .native, "AF_XDP", "find the process with ss -p --xdp"),
      (.link(7), .native, "held by link 7", "bpftool link detach id 7"),
      (.netlink, .native, "by netlink", "ip link set dev eth1 xdp off"),
      (.netlink, .generic, "by netlink", "ip link set dev eth1 xdpgeneric off"),
      (.netlink, .offload, "by netlink", "ip link set dev eth1 xdpoffload off"),
      (
        .aegis(root: "/sys/fs/bpf/x"), .native, "at /sys/fs/bpf/x",
        "aegisctl detach eth1 --pin-root /sys/fs/bpf/x"
      ),
      (
        .aegis(root: nil), .native, "another instance of Aegis",
        "find the link with bpftool link list"
      ),
    ] as [(ForeignProgram.Owner, AttachMode, String, String)])
  func occupant(owner: ForeignProgram.Owner, mode: AttachMode, text: String, fix: String) {
    let occupant = ForeignProgram(program: 3, name: "x", tag: "00ff", mode: mode, owner: owner)
    let found = problems { $0.occupant = occupant }
    #expect(found.map(\.level) == [.error])
    #expect(found.first?.message.contains(text) == true)
    #expect(
      found.first?.message.contains("\"x\" (id 3, tag 00ff) in \(mode.rawValue) mode") == true)
    #expect(found.first?.fix?.hasPrefix(fix) == true)
    #expect(
      problems {
        $0.occupant = occupant
        $0.isAttached = true
      }.isEmpty)
  }
}
