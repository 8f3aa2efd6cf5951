import Foundation
import TestSupport
import Testing

/// The pages in `man`, as the packages have them.
@Suite struct ManualTests {
  private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../man").standardized
  static let pages: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return names.filter { $0.hasSuffix(".8") || $0.hasSuffix(".7") || $0.hasSuffix(".5") }.sorted()
  }()

  @Test func everyVerbHasOne() {
    #expect(Set(HelpTests.verbs.map { "aegisctl-\($0).8" }).isSubset(of: Self.pages))
  }

  /// groff knows the title of a volume of BSD only.
  @Test(.enabled(if: Tool.isExpected("groff"), "needs groff"), arguments: pages)
  func headAndFootNameThisProgram(_ page: String) throws {
    let path = Self.directory.appending(path: page).path
    let text = try Command(["groff", "-mandoc", "-Tascii", "-P-cbou", path]).run().output
    let lines = text.split(separator: "\n")
    let version = try Aegisctl().run(["--version"]).output.split(separator: " ").last ?? ""
    let release = "aegis \(version.filter { $0 != "\n" })"
    #expect(lines.first?.contains("BSD") == false, "\(lines.first ?? "")")
    let foot = lines.last ?? ""
    #expect(foot.hasPrefix(release) && foot.hasSuffix(release), "\(foot)")
  }
}
