import Testing

@testable import Aegis

@Suite("Name servers and addresses from the kernel")
struct NameServersTests {
  @Test func areReadFromResolvConf() throws {
    let text = """
      # nameserver 192.0.2.1
      search example.org
      nameserver 192.0.2.2
      nameserver\t2001:db8::3  # third
      nameserver fe80::1%eth0
       nameserver ::ffff:192.0.2.4
      nameserver
      nameserver name.example.org
      options edns0
      """
    let expected = try ["192.0.2.2", "2001:db8::3", "fe80::1", "192.0.2.4"].map {
      try IPAddress($0)
    }
    #expect(NameServers.addresses(in: text) == expected)
  }

  @Test(arguments: ["0.0.0.0", "127.0.0.53", "::", "::1"])
  func ownAddressesAreNobody(_ text: String) throws {
    #expect(try IPAddress(text).isLoopback)
  }

  @Test(arguments: ["128.0.0.1", "126.255.255.255", "::2", "fe80::1", "::7f00:1"])
  func othersAreSomebody(_ text: String) throws {
    #expect(try !IPAddress(text).isLoopback)
  }

  @Test(arguments: ["192.0.2.9", "2001:db8::9", "fe80::1", "0.0.0.1", "::2"])
  func octetsReadBack(_ text: String) throws {
    let address = try IPAddress(text)
    #expect(address.networkOrder.count == address.width / 8)
    #expect(IPAddress(networkOrder: address.networkOrder) == address)
    #expect(address.isLinkLocal == (text == "fe80::1"))
  }

  @Test func mappedOctetsAreIPv4() {
    let octets = [UInt8](repeating: 0, count: 10) + [255, 255, 192, 0, 2, 9]
    #expect(IPAddress(networkOrder: octets) == .v4(0xc000_0209))
    #expect(IPAddress(networkOrder: Array(octets.dropFirst())) == nil)
  }
}
