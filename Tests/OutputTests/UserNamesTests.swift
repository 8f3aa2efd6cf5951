import Testing

@testable import Aegis
@testable import aegisctl

@Suite struct UserNamesTests {
  private static let names = UserNames(
    """
    root:x:0:0:root:/root:/bin/bash
    toor:x:0:0::/root:/bin/sh
    # a comment
    :x:5:5::/:
    broken
    alice:x:1000:1000:Alice,,,:/home/alice:/bin/bash
    +::::::
    """)

  @Test(arguments: [(0, "root"), (1000, "alice"), (5, "5"), (4_294_967_294, "4294967294")])
  func isTheFirstOfTheNumber(_ user: UInt32, _ name: String) {
    #expect(Self.names[user] == name)
  }

  @Test func theTableOfChangesHasNamesAndJSONNumbers() throws {
    var report = DumpReport(part: .log)
    report.log = [
      LoggedChange(
        time: WallTime(milliseconds: 0), user: 0, loginUser: 4_294_967_290, origin: "",
        command: "load", message: "")
    ]
    let table = try report.text(as: .table)
    #expect(table.contains("  root (login 4294967290)  "), "\(table)")
    #expect(try report.text(as: .json).contains("\"user\" : 0"))
  }
}
