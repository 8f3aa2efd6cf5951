import Aegis
import Testing
import CAegis
extension DatapathTests {
  @Suite struct Smoke {
    @Test func a() throws {
      let clock = ContinuousClock()
      print(clock.measure { _ = try? LoadedDatapath.shared })
      _ = try LoadedDatapath.shared
      print(clock.measure { for _ in 0..<100 { try! FrameCase("x", Frame(IPv4(.tcp())), .allow.burst(3), .pass, AEGIS_PASS_DEFAULT).check() } })
    }
  }
}
