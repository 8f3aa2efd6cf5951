import Glibc
import Linux
import Testing

@testable import Aegis

@Suite("What refuses to attach")
struct AttachRefusalTests {
  private func refusal(
    _ errno: CInt, _ said: String? = nil, _ change: (inout InterfaceFacts) -> Void = { _ in }
  ) -> AttachRefusal {
    var facts = DoctorInterfaceTests.healthy
    change(&facts)
    return AttachRefusal(
      error: SystemError(operation: "attach to", subject: "eth1", errno: errno), said: said,
      facts: facts)
  }

  /// As kernel sources have them.
  @Test(
    "is told from the driver's words",
    arguments: [
      ("Peer MTU is too large to set XDP", "mtu"),
      ("single-buffer XDP requires MTU less than 3498", "mtu"),
      ("XDP expects header/data in single page, any_header_sg required", "mtu"),
      ("can't set XDP while LRO is on, disable LRO first", "lro"),
      (
        "Can't set XDP while host is implementing GRO_HW/CSUM, disable GRO_HW/CSUM first", "gro-hw"
      ), ("XDP expects number of rx queues not less than peer tx queues", "queues"),
      ("ethtool rx/tx channels must be combined to support XDP", "queues"),
      ("Too few free TX rings available", "queues"),
    ])
  func words(said: String, check: String) {
    let refusal = refusal(EINVAL, said)
    #expect(refusal.finding?.check == check)
    #expect(refusal.reason == said)
    #expect(refusal.fix?.contains("eth1") == true)
  }

  @Test("is told from the error number where the driver says nothing")
  func numbers() {
    #expect(refusal(ERANGE) { $0.mtu = 9000 }.fix == "ip link set dev eth1 mtu 3498")
    #expect(refusal(ENOSPC).fix == "ethtool -L eth1 combined 8")
    #expect(refusal(EOPNOTSUPP).fix == "aegisctl attach eth1 --mode generic")
    #expect(refusal(EOPNOTSUPP).reason == "driver ice does not support native mode")
    #expect(refusal(524).finding?.check == "native-mode")
    let lro = refusal(EINVAL) { $0.offloads["rx-lro"] = .init(isOn: true, isChangeable: true) }
    #expect(lro.reason == "large receive offload is on")
    #expect(lro.fix == "ethtool -K eth1 lro off")
    #expect(refusal(EINVAL) { $0.mtu = 9000 }.finding?.check == "mtu")
  }

  @Test("stays what the kernel said where nothing explains it")
  func unknown() {
    let unknown = refusal(EINVAL)
    #expect(unknown.finding == nil)
    #expect(unknown.reason == "Invalid argument")
    #expect(refusal(EIO, "firmware is out of sorts during setup").reason.hasPrefix("firmware"))
    #expect(refusal(EIO, "firmware is out of sorts during setup").fix == nil)
  }

  @Test("has a remedy for native mode only where there is one")
  func remedy() {
    #expect(refusal(EOPNOTSUPP).remedy == nil)
    #expect(refusal(ERANGE).remedy != nil)
  }

  @Test("is set right on a veth by queues on either side")
  func veth() {
    let said = "XDP expects number of rx queues not less than peer tx queues"
    let more = refusal(ENOSPC, said) {
      $0.driver = "veth"
      $0.queues = .init(receive: 1, most: 4, isCombined: false)
    }
    #expect(more.fix == "ethtool -L eth1 rx 4")
    let none = refusal(ENOSPC, said) {
      $0.driver = "veth"
      $0.queues = .init(receive: 1, most: 1, isCombined: false)
    }
    #expect(none.fix == "ethtool -L PEER tx 1")
  }
}
