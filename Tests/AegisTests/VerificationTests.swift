import BPF
import Testing

struct VerificationTests {
  private static let log = """
    verification time 3210 usec
    stack depth 40+0+64+8
    processed 362372 insns (limit 1000000) max_states_per_insn 21 total_states 9200 peak_states 1100 mark_read 80
    """

  @Test func readsTheLog() throws {
    let calls = [(3, 100), (7, 200), (150, 300), (250, 300)].map {
      Verification.Call(from: $0.0, to: $0.1)
    }
    let read = try #require(Verification("p", log: Self.log, calls: calls))
    #expect(read.processed == 362_372)
    #expect(read.states == 9200)
    #expect(read.peakStates == 1100)
    #expect(read.microseconds == 3210)
    #expect(read.stackDepths == [40, 0, 64, 8])
    // 64 of the program, 64 of the second and 32 of the third subprogram.
    #expect(read.deepestStack == 160)
  }

  /// Silence must not pass for a small program.
  @Test(arguments: ["", "processed 3 insns", String(log.dropFirst(28)), log + "\nstack depth 8"])
  func refusesWhatItCannotRead(_ log: String) {
    #expect(Verification("p", log: log, calls: [.init(from: 3, to: 100)]) == nil)
  }
}
