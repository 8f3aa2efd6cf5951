import Testing

@testable import Aegis

@Suite("What would let the caller do what was refused")
struct PrivilegeHintTests {
  private static let host = "         0          0 4294967295\n"

  private func hint(
    _ capabilities: UInt64, seccomp: Int = 0, owner: (path: String, uid: UInt32)? = nil,
    userMap: String = host
  ) -> String {
    let status =
      "Name:\taegisctl\nCapEff:\t\(String(capabilities, radix: 16))\nSeccomp:\t\(seccomp)\n"
    return Privilege.hint(status: status, owner: owner, userMap: userMap)
  }

  private let all = DoctorHostTests.all
  private let root: UInt64 = (1 << 41) - 1

  @Test("is capabilities, where any is missing")
  func capabilities() {
    for held in [0, all & ~(1 << 12)] {
      #expect(hint(held, seccomp: 2, owner: ("/x", 0)).hasPrefix("run it as root, or with CAP_BPF"))
    }
    #expect(Privilege.hint(status: "", owner: nil, userMap: "").hasPrefix("run it as root"))
  }

  @Test("is the owner, where the pins are another's and nothing overrides that")
  func owner() {
    #expect(hint(all, owner: ("/sys/fs/bpf/x", 7)).hasPrefix("/sys/fs/bpf/x belongs to the user 7"))
    #expect(!hint(root, owner: ("/sys/fs/bpf/x", 7)).contains("belongs to"))
  }

  @Test("is the seccomp filter, where nothing else is missing")
  func seccomp() {
    #expect(hint(all, seccomp: 2).contains("seccomp filter"))
    #expect(hint(root, seccomp: 2).contains("seccomp filter"))
  }

  @Test("is the user namespace, whose capabilities are not the host's")
  func userNamespace() {
    #expect(hint(root, userMap: "0 1000 1\n").contains("user namespace"))
    #expect(hint(root).contains("security module"))
  }
}
