import Aegis
import Testing

@Suite("Byte counts")
struct ByteCountTests {
  @Test(
    "are written in the largest unit that fits, with one decimal",
    arguments: [
      (0, "0 B"),
      (1, "1 B"),
      (512, "512 B"),
      (1023, "1023 B"),
      (1024, "1.0 KiB"),
      (1075, "1.0 KiB"),
      (1076, "1.1 KiB"),
      (1536, "1.5 KiB"),
      (10_240, "10.0 KiB"),
      (1_048_524, "1023.9 KiB"),
      (1_048_525, "1.0 MiB"),
      (1_048_576, "1.0 MiB"),
      (19_818_086, "18.9 MiB"),
      (1_073_741_823, "1.0 GiB"),
      (1 << 30, "1.0 GiB"),
      (1 << 40, "1.0 TiB"),
      (3 << 49, "1.5 PiB"),
      (1 << 60, "1.0 EiB"),
      (.max, "16.0 EiB"),
    ] as [(UInt64, String)])
  func writes(bytes: UInt64, text: String) {
    #expect(ByteCount.format(bytes) == text)
  }

  @Test("are within half of the last digit, and never reach 1024 of a unit")
  func nearest() throws {
    let units = ["KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40, "PiB": 50, "EiB": 60]
    var random = SplitMix64(seed: 8)
    for _ in 0..<2000 {
      let bytes = UInt64.random(in: 1024 ... .max, using: &random) >> UInt64(random.next() % 53)
      guard bytes >= 1024 else { continue }
      let parts = ByteCount.format(bytes).split(separator: " ")
      let shift = try #require(parts.last.flatMap { units[String($0)] })
      let tenths = try #require(UInt128(parts[0].filter { $0 != "." }))
      #expect(parts[0].dropLast().last == ".")
      #expect(10..<10240 ~= tenths)
      let shown = tenths << shift
      let exact = UInt128(bytes) * 10
      #expect(max(shown, exact) - min(shown, exact) <= (1 as UInt128) << (shift - 1))
    }
  }
}
