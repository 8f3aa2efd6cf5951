import CAegis
import Foundation
import TestSupport
import Testing

@testable import Aegis
@testable import BPF

/// A datapath with room for so many users, and a directory.
final class RelayDesk: AegisRunner {
  let aegis = Aegisctl()
  let directory: TemporaryDirectory

  init(_ directory: TemporaryDirectory, users: Int = 16) throws {
    self.directory = directory
    try ok(
      ["load", "--max-drops", "64", "--max-keys", "16", "--max-sources", "64"]
        + ["--max-users", "\(users)"])
  }

  deinit { aegis.cleanUp() }

  @discardableResult
  func run(_ arguments: [String], input: String? = nil) throws -> Outcome {
    try aegis.run(arguments, input: input)
  }

  func keys(_ numbers: Int..., mode: Int = 0o600) throws -> String {
    let lines = numbers.map {
      "\($0) " + String(repeating: $0 < 10 ? "a\($0)" : "\($0)", count: 16)
    }
    let name = "keys-" + numbers.map { "\($0)" }.joined(separator: "-")
    let path = try directory.file(name, lines.joined(separator: "\n").utf8)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    return path
  }

  @discardableResult
  func set(_ keys: String, ports: String = "20000-29999", _ more: [String] = []) throws -> JSON {
    try ok(Self.words(keys, ports: ports) + more)
  }

  static func words(_ keys: String, ports: String = "20000-29999") -> [String] {
    [
      "set-relay", "--listen", "192.0.2.1:4500", "--listen", "[2001:db8::1]:4500",
      "--port-range", ports, "--key-file", keys,
    ]
  }

  func users() throws -> [JSON] { try ok(["dump", "users"])["users"].array }
  func names() throws -> [String] { try users().compactMap { $0["name"].string } }

  var settings: aegis_relay {
    get throws {
      let map = try BPFMap<UInt32, aegis_relay>(pinnedAt: aegis.root + "/current/relay")
      return try #require(try map.value(forKey: 0))
    }
  }

  /// Whether the stage is on.
  var isOn: Bool {
    get throws {
      let map = try BPFMap<UInt32, aegis_config>(pinnedAt: aegis.root + "/current/config")
      return try map.value(forKey: 0)!.stages & AEGIS_STAGE_RELAY.rawValue != 0
    }
  }

  /// The program that the datapath continues with.
  var part: UInt32? {
    get throws {
      let map = try BPFMap<UInt32, UInt32>(pinnedAt: aegis.root + "/current/parts")
      return try map.value(forKey: AEGIS_PART_RELAY)
    }
  }

  /// Every user has a name and a back entry, and there are no others.
  func checkAgreement(at location: SourceLocation = #_sourceLocation) throws {
    let current = aegis.root + "/current/"
    let names = try BPFMap<aegis_relay_name, UInt32>(pinnedAt: current + "relay_name").entries()
    let backs = try BPFMap<aegis_relay_back, UInt32>(pinnedAt: current + "relay_back").entries()
    let users = try MappedValues<aegis_relay_user>(pinnedAt: current + "relay_user")
    let used = (0..<users.count).filter { users.value(at: $0).family != 0 }
    #expect(names.map { Int($0.value) }.sorted() == used, sourceLocation: location)
    #expect(backs.map { Int($0.value) }.sorted() == used, sourceLocation: location)
    for (key, index) in backs {
      #expect(RelayBack(key) == users.value(at: Int(index)).backKey, sourceLocation: location)
    }
  }
}
