import Foundation
import Testing

@testable import Aegis

/// What to do where nothing is loaded.
@Suite struct LoadHintTests {
  private static let files = FileManager.default.temporaryDirectory

  @Test func theUnitLoadsTheStandardInstance() throws {
    let unit = Self.files.appending(path: "aegis-\(UUID()).service").path
    let units = ["/nowhere/aegis.service", unit]
    #expect(Datapath.loading(.standard, units: units) == "aegisctl load")
    try "".write(toFile: unit, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: unit) }
    #expect(
      Datapath.loading(.standard, units: units)
        == "systemctl restart aegis.service, or aegisctl load")
    #expect(Datapath.loading(PinRoot("/sys/fs/bpf/other"), units: units) == "aegisctl load")
  }
}
