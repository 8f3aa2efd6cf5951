import BPF
import Linux
import Testing

@testable import Aegis

/// A load that the kernel refuses names what it lacks.
@Suite("A refused load")
struct LoadRefusalTests {
  private static let refused = SystemError(
    operation: "load BPF object", subject: "aegis", errno: 22)

  @Test("names every feature that is absent, and nothing that cannot be told")
  func names() {
    let error = AegisError(loading: Self.refused) { feature in
      switch feature {
      case .atomics, .lpmTrie: .absent(errno: 22)
      case .liveFrames: .absent(errno: 22)
      case .xdpLink: .unknown
      default: .present
      }
    }
    #expect(error.kind == .kernelRefused)
    #expect(error.message.hasSuffix(": cpu.atomics, map.lpm-trie"))
    #expect(error.hint == "aegisctl doctor shows the details")
  }

  @Test("is told in the kernel's own words where nothing is absent, or the caller may not")
  func plain() {
    let other = AegisError(loading: Self.refused) { _ in .present }
    #expect(other.message == AegisError(Self.refused).message)
    let denied = SystemError(operation: "load BPF object", subject: "aegis", errno: 1)
    #expect(AegisError(loading: denied) { _ in .absent(errno: 22) }.kind == .notPermitted)
  }
}
