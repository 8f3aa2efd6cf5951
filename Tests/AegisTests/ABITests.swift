import CAegis
import Testing

@testable import Aegis

@Suite("Values as the datapath has them")
struct ABITests {
  static let v6Octets: [UInt8] = [
    0x20, 0x01, 0x0d, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
  ]
  static let v6Text = "2001:db8:102:304:506:708:90a:b0c"

  @Test("addresses are in network order, IPv4 in the first four octets")
  func addresses() throws {
    let v4 = try IPAddress("192.0.2.1").octets
    #expect(octets(of: v4) == padded([192, 0, 2, 1]))
    #expect(IPAddress(v4: v4) == .v4(0xc000_0201))
    let v6 = try IPAddress(Self.v6Text).octets
    #expect(octets(of: v6) == Self.v6Octets)
    #expect(try IPAddress(v6: v6) == IPAddress(Self.v6Text))
  }

  @Test("keys of tries read back, and too long a length as the longest")
  func readPrefixes() throws {
    var random = SplitMix64(seed: 9)
    for _ in 0..<500 {
      let prefix = random.prefix()
      switch prefix.address {
      case .v4(let bits):
        #expect(
          Prefix(aegis_prefix_v4(length: UInt32(prefix.length), address: bits.bigEndian)) == prefix)
      case .v6:
        #expect(
          Prefix(aegis_prefix_v6(length: UInt32(prefix.length), address: prefix.address.octets))
            == prefix)
      }
    }
    let long = aegis_prefix_v4(length: 99, address: UInt32(0x0a00_0001).bigEndian)
    #expect(Prefix(long).description == "10.0.0.1")
    let long6 = aegis_prefix_v6(length: .max, address: IPAddress.v6(1).octets)
    #expect(Prefix(long6).description == "::1")
  }

  @Test(
    "allow keys are family, protocol, port in network order and source",
    arguments: [
      ("any", [0, 0, 0, 0], [], 32),
      ("any:443/tcp", [0, 6, 0x01, 0xbb], [], 32),
      ("any/icmpv6", [0, 58, 0, 0], [], 32),
      ("192.0.2.1:53/udp", [4, 17, 0, 53], [192, 0, 2, 1], 64),
      ("10.0.0.0/8:8080", [4, 0, 0x1f, 0x90], [10, 0, 0, 0], 40),
      ("0.0.0.0/0", [4, 0, 0, 0], [], 32),
      ("[2001:db8::/32]:65534/sctp", [6, 132, 0xff, 0xfe], [0x20, 0x01, 0x0d, 0xb8], 64),
      ("\(v6Text)", [6, 0, 0, 0], v6Octets, 160),
    ] as [(String, [UInt8], [UInt8], UInt32)])
  func keys(text: String, head: [UInt8], source: [UInt8], length: UInt32) throws {
    let key = try AllowKey(text)
    #expect(octets(of: key.abiKey) == head + padded(source))
    #expect(octets(of: key.abiPrefixKey) == octets(of: length) + head + padded(source))
    #expect(key.isPrefix ? AllowKey(key.abiPrefixKey) == key : AllowKey(key.abiKey) == key)
  }

  @Test("allow keys read back, and a length there is none of as the nearest")
  func readKeys() throws {
    var random = SplitMix64(seed: 10)
    for _ in 0..<1000 {
      let key = try random.key()
      if key.hasSeveralPorts { continue }
      #expect(AllowKey(key.abiPrefixKey) == key)
      #expect(key.isPrefix || AllowKey(key.abiKey) == key)
    }
    var odd = try AllowKey("10.0.0.1").abiPrefixKey
    odd.length = 999
    #expect(AllowKey(odd).description == "10.0.0.1")
    odd.length = 0
    #expect(AllowKey(odd).description == "0.0.0.0/0")
  }

  @Test(
    "shapes are bit (ports << 2 | source)",
    arguments: [
      ("any:1/tcp", 0), ("10.0.0.1:1/tcp", 1), ("10.0.0.0/8:1/tcp", 2), ("any/tcp", 4),
      ("::1/tcp", 5), ("::/8/tcp", 6), ("any:1", 8), ("[::1]:1", 9), ("[::/8]:1", 10),
      ("any", 12), ("10.0.0.1", 13), ("0.0.0.0/0", 14),
    ] as [(String, Int)])
  func shapes(text: String, bit: Int) throws {
    #expect(try AllowKey(text).shapeBit == 1 << bit)
  }

  @Test("notes are zero terminated and padded, and read up to the zero")
  func notes() throws {
    let note = try Note("é!")
    #expect(octets(of: note.abi) == [0xc3, 0xa9, 0x21] + Array(repeating: 0, count: 61))
    let longest = try Note(String(repeating: "x", count: 63))
    #expect(octets(of: longest.abi) == Array(repeating: 0x78, count: 63) + [0])
    var full = aegis_note()
    withUnsafeMutableBytes(of: &full) { $0.copyBytes(from: Array(repeating: 0x78, count: 64)) }
    #expect(Note(full).text.utf8.count == 64)
    withUnsafeMutableBytes(of: &full) { $0.copyBytes(from: [0xff, 0]) }
    #expect(Note(full).text == "\u{fffd}")
  }
}
