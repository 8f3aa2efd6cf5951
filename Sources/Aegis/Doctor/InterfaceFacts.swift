internal import BPF
internal import Glibc
internal import Linux

/// The input of the interface checks. Tests create their own values.
struct InterfaceFacts: Sendable {
  var name: String
  var driver: String?
  /// nil if the kernel does not report it.
  var xdp: XDPFeatures?
  /// Bytes, without the Ethernet header.
  var mtu: Int
  var pageSize: Int
  /// The offloads, by their kernel names.
  var offloads: [String: Interface.Offload]
  var queues: Interface.Queues?
  var cpus: Int
  var occupant: ForeignProgram?
  /// Whether the attached program belongs to the given instance.
  var isAttached: Bool
  /// The remote ends of tunnels that use the interface, except those that a protected key exempts, and other frames.
  var carried: [GuardedFlow] = []

  /// How the given instance is attached to it.
  var modes: [Direction: AttachMode] = [:]
  /// What comes before the program of a direction and may let packets past it, as a clause.
  var predecessors: [Direction: String] = [:]
  /// Whether it is a port of a wire.
  var isPort = false
  /// Whether its packets begin with the IP header.
  var isBare = false

  /// - Throws: `notLoaded` if there is no such interface.
  static func read(_ name: String, attached: [Attachment]) throws(AegisError) -> InterfaceFacts {
    guard let ifindex = Interface.index(of: name) else { throw Interfaces.noInterface(name) }
    let occupant = try? ForeignProgram.find(on: ifindex)
    return InterfaceFacts(
      name: name, driver: try? Interface.driver(of: name), xdp: try? XDPFeatures.of(ifindex),
      mtu: (try? Interface.mtu(of: name)) ?? 0, pageSize: sysconf(CInt(_SC_PAGESIZE)),
      offloads: (try? Interface.offloads(of: name)) ?? [:],
      queues: try? Interface.queues(of: name), cpus: sysconf(CInt(_SC_NPROCESSORS_ONLN)),
      occupant: occupant,
      isAttached: attached.contains {
        $0.isAttached && !$0.isElsewhere && $0.ifindex == ifindex && $0.program == occupant?.program
      })
  }

  /// Notes how it is attached.
  mutating func note(_ attachments: [Attachment], at root: PinRoot) {
    isBare = Interface.index(of: name).map { Interfaces.isBare($0) } ?? false
    for attachment in attachments where attachment.isAttached && !attachment.isElsewhere {
      modes[attachment.direction] = attachment.mode
      predecessors[attachment.direction] = attachment.predecessor(at: root)
      isPort = isPort || attachment.wire != nil
    }
  }

  /// The MTU in bytes that fits one page together with the headroom and the tailroom that drivers reserve.
  var singleBufferMTU: Int { pageSize - 256 - 320 - 22 }

  var hasNativeMode: Bool? { xdp.map { $0.contains(.native) } }

  func isOn(_ offload: String) -> Bool { offloads[offload]?.isOn == true }
}
