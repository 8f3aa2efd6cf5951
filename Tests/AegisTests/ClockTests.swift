import Testing

@testable import Linux

@Suite("The offsets of a time namespace")
struct ClockTests {
  @Test("are read in nanoseconds, by the names of the clocks")
  func shifts() {
    let shifts = Clock.shifts(in: "monotonic       -7         5\nboottime    100000         0\n")
    #expect(shifts.monotonic == -6_999_999_995)
    #expect(shifts.boottime == 100_000_000_000_000)
  }

  @Test("are none where there is nothing to read", arguments: ["", "monotonic", "boottime x 0\n"])
  func nothing(text: String) {
    #expect(Clock.shifts(in: text) == (0, 0))
  }
}
