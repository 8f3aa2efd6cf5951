import Testing

@testable import Aegis

@Suite("Room for classes")
struct ClassRoomTests {
  private static func policy(classes: Int, prefixes: Int) throws -> Policy {
    var policy = Policy()
    policy.classes = [:]
    for number in 0..<classes {
      let addresses = try (0..<prefixes).map { place in
        try Prefix("10.\(number).\(place >> 8).\(place & 255)")
      }
      policy.classes?[try ClassName("c\(number)")] = AddressClass(prefixes: Set(addresses))
    }
    return policy
  }

  @Test("what has no room is refused before anything changes")
  func full() throws {
    try Self.policy(classes: 62, prefixes: 1).checkClasses()
    try Self.policy(classes: 2, prefixes: 4096).checkClasses()
    let classes = try Self.policy(classes: 63, prefixes: 1)
    let many = try #require(throws: AegisError.self) { try classes.checkClasses() }
    #expect(many.message == "there can be no more than 62 classes")
    let prefixes = try Self.policy(classes: 3, prefixes: 2731)
    let full = try #require(throws: AegisError.self) { try prefixes.checkClasses() }
    #expect(full.message == "there is no room for more than 8192 prefixes of classes")
  }
}
