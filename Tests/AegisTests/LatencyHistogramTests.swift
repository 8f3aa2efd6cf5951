import CAegis
import Testing

@testable import Aegis

@Suite struct LatencyHistogramTests {
  /// As bpf/timed.bpf.c counts it.
  private func bucket(of time: UInt64) -> Int {
    let log = UInt64(63 - (time | 1 << UInt64(AEGIS_LATENCY_SHIFT)).leadingZeroBitCount) - 6
    return min(1279, Int(log << 6 + time >> log))
  }

  private func histogram(_ times: [UInt64]) -> LatencyHistogram {
    LatencyHistogram([latency(times)])
  }

  private func latency(_ times: [UInt64]) -> aegis_latency {
    var latency = aegis_latency()
    latency.packets = UInt64(times.count)
    latency.ns = times.reduce(0, +)
    latency.least = times.min() ?? 0
    latency.most = times.max() ?? 0
    withUnsafeMutableBytes(of: &latency.bucket) { bytes in
      let counts = bytes.bindMemory(to: UInt64.self)
      for time in times { counts[bucket(of: time)] += 1 }
    }
    return latency
  }

  @Test("buckets follow each other without a gap, and each has what the program puts there")
  func ranges() {
    var next: UInt64 = 0
    for bucket in 0..<1279 {
      let range = LatencyHistogram.range(of: bucket)
      #expect(range.lowerBound == next)
      #expect(self.bucket(of: range.lowerBound) == bucket)
      #expect(self.bucket(of: range.upperBound) == bucket)
      #expect(Double(range.upperBound - range.lowerBound) <= Double(range.lowerBound) / 64)
      next = range.upperBound + 1
    }
    #expect(LatencyHistogram.range(of: 1279) == next ... .max)
    #expect(bucket(of: next) == 1279 && bucket(of: .max >> 8) == 1279)
  }

  @Test func percentiles() throws {
    let times = (1...1000).map { UInt64($0) }
    let found = histogram(times)
    #expect(found.packets == 1000 && found.sum == 500_500 && found.mean == 500.5)
    #expect(found.least == 1 && found.most == 1000 && found.jitter == 999)
    #expect(found.percentile(0) == 1)
    #expect(found.percentile(0.1) == 100)
    // Of 500 to 503, of 896 to 903, of 984 to 991.
    #expect(found.percentile(0.5) == 503)
    #expect(found.percentile(0.9) == 903)
    #expect(found.percentile(0.99) == 991)
    // Never more than the slowest.
    #expect(found.percentile(0.999) == 999 && found.percentile(1) == 1000)
    for share in [0.01, 0.123, 0.5, 0.77, 0.999] {
      let exact = UInt64((share * 1000).rounded(.up))
      let told = try #require(found.percentile(share))
      #expect(told >= exact && Double(told - exact) <= Double(exact) / 64)
    }
  }

  @Test func nothingMeasured() {
    let none = LatencyHistogram()
    #expect(none.packets == 0 && none.percentile(0.5) == nil && none.jitter == nil)
    #expect(none.mean == nil && none.buckets.isEmpty)
    #expect(LatencyHistogram([aegis_latency()]) == none)
  }

  @Test("the last bucket has no end: its percentile is the slowest packet")
  func veryLong() {
    let found = histogram([5, 40_000_000, 7_000_000_000])
    #expect(found.percentile(0.5) == 7_000_000_000)
    #expect(found.buckets.map(\.packets) == [1, 2])
  }

  @Test("the histograms of CPUs, and of one measurement after the other, add up")
  func merging() {
    let (one, other) = ([UInt64](100..<300), [UInt64](250..<9000))
    let merged = LatencyHistogram([latency(one), aegis_latency(), latency(other)])
    #expect(merged == histogram(one + other))
    var sum = histogram(one)
    sum += LatencyHistogram()
    sum += histogram(other)
    #expect(sum == merged)
    var kept = aegis_latency()
    kept.add(histogram(one))
    kept.add(LatencyHistogram())
    kept.add(histogram(other))
    #expect(LatencyHistogram([kept]) == merged)
    #expect(kept.packets == merged.packets && kept.ns == merged.sum)
    #expect(kept.least == 100 && kept.most == 8999)
  }

  @Test func belowAnOctave() {
    let found = histogram((0..<5000).map { UInt64($0) })
    for octave in LatencyHistogram.octaves where octave <= 4096 {
      #expect(found.packets(below: octave) == octave)
    }
    #expect(LatencyHistogram.octaves.first == 32)
    #expect(LatencyHistogram.octaves.last == 1 << 24)
    #expect(found.packets(below: 1 << 24) == 5000)
    // The bound is the last that a bucket with an end has.
    #expect(LatencyHistogram.range(of: 1279).lowerBound < 1 << 25)
  }
}
