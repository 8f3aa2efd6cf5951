import Foundation
import TestSupport
import Testing

@testable import Aegis
@testable import aegisctl

@Suite struct LatencyPictureTests {
  /// Parses it, and prints the elements with their attributes and text, a line each.
  private static let parser = """
    import sys, xml.etree.ElementTree as tree
    for e in tree.fromstring(sys.stdin.read()).iter():
        print(e.tag.split("}")[1], e.attrib.get("class", "-"), e.attrib.get("x", "-"), e.attrib.get("width", "-"),
              e.attrib.get("height", "-"), e.text if e.tag.endswith("text") else "")
    """

  private struct Element {
    let kind: String
    let style: String
    let x: Double?
    let width: Double?
    let height: Double?
    let text: String
  }

  private func elements(_ result: LatencyResult) throws -> [Element] {
    let outcome = try Command(["python3", "-c", Self.parser]).run(
      input: LatencyPicture(result).text)
    try #require(outcome.status == 0, "\(outcome.error)")
    return outcome.output.split(separator: "\n").map { line in
      let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: false)
      let numbers = words[2...4].map { Double($0) }
      return Element(
        kind: String(words[0]), style: String(words[1]), x: numbers[0], width: numbers[1],
        height: numbers[2], text: String(words.last ?? ""))
    }
  }

  @Test func barsOfBothVerdicts() throws {
    let all = try elements(.usual)
    for style in ["pass", "drop"] {
      let bars = all.filter { $0.style == style }
      // One is in the legend.
      #expect(bars.count > 3)
      #expect(bars.allSatisfy { ($0.x ?? -1) >= 72 && ($0.width ?? 0) > 0 && ($0.height ?? 0) > 0 })
      #expect(bars.allSatisfy { ($0.x ?? 0) + ($0.width ?? 0) <= 960 })
    }
    #expect(all.count { $0.style == "mark" } == 4)
    let texts = all.map(\.text)
    for text in ["p50 112", "p90 118", "p99 126", "p99.9 1007", "pass: 1532", "drop: 280"] {
      #expect(texts.contains(text), "\(texts)")
    }
    #expect(texts.contains("100") && texts.contains("10000") && texts.contains("ns, logarithmic"))
    #expect(
      texts.contains { $0.hasPrefix("1812 packets in 2.0 s") && $0.contains("including 27 ns") })
  }

  @Test(
    "whatever was measured, it is a document",
    arguments: [
      LatencyResult.of(), .of(pass: [0: 1]), .of(drop: [127: 1]), .of(pass: [33_000_000_000: 5]),
      .of(pass: [1: .max >> 20, 5_000_000: 1]), .of(pass: [500: 3], on: "<a>&\"b'\u{1b}"),
    ])
  func extremes(result: LatencyResult) throws {
    let all = try elements(result)
    #expect(all.first?.kind == "svg")
    #expect(!LatencyPicture(result).text.contains("nan") && all.count > 8)
    let hasPackets = result.all.packets > 0
    #expect(all.contains { $0.text.contains("no packets") } == !hasPackets)
    #expect(all.count { $0.style == "mark" } == (hasPackets ? 4 : 0))
  }

  @Test func onALightAndADarkGround() {
    let text = LatencyPicture(.usual).text
    #expect(text.contains("prefers-color-scheme: dark") && text.contains("class=\"back\""))
    #expect(!text.contains("href") && !text.contains("<script"))
  }
}
