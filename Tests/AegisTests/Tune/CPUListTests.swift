import Testing

@testable import Aegis

@Suite("CPUs are")
struct CPUListTests {
  @Test(
    "read and written as the kernel does",
    arguments: [
      ("2", [2], "2"), ("2,3", [2, 3], "2-3"), ("5-2,1", nil, ""),
      ("2-5,8", [2, 3, 4, 5, 8], "2-5,8"),
      ("3,2,2", [2, 3], "2-3"), ("8191", [8191], "8191"), ("8192", nil, ""), ("0-8192", nil, ""),
      ("0-99999999999999999999", nil, ""), ("", nil, ""), (",", nil, ""), ("2,", nil, ""),
      ("2-", nil, ""), ("-2", nil, ""), ("+2", nil, ""), ("2 ", nil, ""), ("0x2", nil, ""),
      ("all", nil, ""), ("0-15:2/4", nil, ""), ("2\n3", nil, ""),
    ] as [(String, [Int]?, String)])
  func list(text: String, numbers: [Int]?, written: String) {
    let list = try? CPUList(text)
    #expect(list?.numbers == numbers)
    #expect((list.map { "\($0)" } ?? "") == written)
  }

  @Test(
    "read and written as masks",
    arguments: [
      ("4", [2], "4"), ("00000004", [2], "4"), ("ff,00000000", Array(32...39), "ff,00000000"),
      ("1,00000004", [2, 32], "1,00000004"), ("0", [], "0"), ("00000000,0000000c", [2, 3], "c"),
      ("1,00000000,00000000", [64], "1,00000000,00000000"), ("x", nil, ""), ("+4", nil, ""),
      ("1,,2", nil, ""), ("100000000", nil, ""),
    ] as [(String, [Int]?, String)])
  func mask(text: String, numbers: [Int]?, written: String) {
    let list = CPUList(mask: text[...])
    #expect(list?.numbers == numbers)
    #expect((list?.mask ?? "") == written)
  }
}
