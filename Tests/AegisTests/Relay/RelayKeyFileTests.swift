import Foundation
import Testing

@testable import Aegis

@Suite("Key files")
struct RelayKeyFileTests {
  private static let one = "000102030405060708090A0b0c0d0e0f"
  private static let other = String(repeating: "5a", count: 16)

  private func keys(_ text: String) throws -> [RelayKey] {
    try RelayKeyFile.parse(Array(text.utf8), of: "keys")
  }

  @Test(
    "have a key on a line, the first for new tokens",
    arguments: [
      "7 \(one)\n3 \(other)\n", "# two\n\n \t7\t\(one) # new\r\n3 \(other)", "7 \(one)\n3 \(other)",
    ])
  func two(text: String) throws {
    let keys = try keys(text)
    #expect(keys.map(\.number) == [7, 3])
    #expect(keys.map(\.secret.bytes) == [(0..<16).map { $0 }, Array(repeating: 0x5a, count: 16)])
  }

  @Test(
    "say what is wrong and where, and never what the line says",
    arguments: [
      ("", "keys has no key"), ("# none\n", "keys has no key"),
      ("\(one)\n", "keys:1: has not two words"), ("1 \(one) x", "keys:1: has not two words"),
      ("\n256 \(one)", "keys:2: has no number from 0 to 255 first"),
      ("-1 \(one)", "keys:1: has no number"), ("01 \(one)", "keys:1: has no number"),
      ("1 \(one)0", "keys:1: has not 32 hexadecimal digits"),
      ("1 \(one.dropLast())", "keys:1: has not 32 hexadecimal digits"),
      ("1 \(one.dropLast())g", "keys:1: has not 32 hexadecimal digits"),
      ("1 \(one.dropLast(2))é", "keys:1: has not 32 hexadecimal digits"),
      ("1 \(String(repeating: "0", count: 32))", "keys:1: has the key 0"),
      ("1 \(one)\n1 \(other)", "keys:2: has the number of line 1"),
      ("1 \(one)\n2 \(other)\n3 \(one)", "keys:3: is one key too many"),
    ])
  func invalid(text: String, message: String) throws {
    let error = try #require(throws: AegisError.self) { try keys(text) }
    #expect(error.kind == .badInput)
    #expect(error.message.hasPrefix(message), "\(error.message)")
    #expect(error.subject.file == "keys")
    for shown in [error.message, error.hint ?? "", error.subject.value ?? ""] {
      #expect(!shown.contains(Self.one.dropLast(2)) && !shown.contains(Self.other))
    }
  }

  @Test("are trusted only if nobody else may read or write them")
  func modes() throws {
    let path = NSTemporaryDirectory() + "aegis-test-key-\(UInt64.random(in: 0 ... .max))"
    defer { unlink(path) }
    try Data("1 \(Self.one)".utf8).write(to: URL(filePath: path))
    for (mode, isFine) in [
      (0o600, true), (0o400, true), (0o700, true), (0o640, false), (0o644, false), (0o604, false),
      (0o620, false), (0o602, false),
    ] as [(mode_t, Bool)] {
      chmod(path, mode)
      if isFine {
        #expect(try RelayKeyFile.read(path).count == 1)
      } else {
        let error = #expect(throws: AegisError.self) { try RelayKeyFile.read(path) }
        #expect(error?.kind == .notPermitted)
        #expect(error?.hint == "chmod 600 \(path)")
      }
    }
    if geteuid() == 0 {
      chmod(path, 0o600)
      chown(path, 65534, 65534)
      let error = #expect(throws: AegisError.self) { try RelayKeyFile.read(path) }
      #expect(error?.kind == .notPermitted)
      #expect(error?.message.hasSuffix("it belongs to the user 65534") == true)
    }
  }

  @Test("are regular files of at most 64 KiB")
  func kinds() throws {
    let path = NSTemporaryDirectory() + "aegis-test-key-\(UInt64.random(in: 0 ... .max))"
    defer { unlink(path) }
    mkfifo(path, 0o600)
    for (path, message) in [
      (path, "it is not a regular file"), ("/dev/null", "it is not a regular file"),
      ("/", "it is not a regular file"), ("/nonexistent", "No such file or directory"),
    ] {
      let error = #expect(throws: AegisError.self) { try RelayKeyFile.read(path) }
      #expect(error?.kind == .badInput)
      #expect(error?.message == "cannot read \(path): \(message)")
    }
    unlink(path)
    for (size, count) in [(65_536, 1), (65_537, nil)] as [(Int, Int?)] {
      let text = "1 \(Self.one)\n#"
      try Data((text + String(repeating: "x", count: size - text.utf8.count)).utf8)
        .write(to: URL(filePath: path))
      chmod(path, 0o600)
      #expect((try? RelayKeyFile.read(path).count) == count)
    }
  }
}
