/// Where a TCP server listens: `127.0.0.1:9987`, `[::1]:9987`, or `:9987` and `9987` for all addresses.
public struct ListenEndpoint: Hashable, Sendable {
  /// nil for all.
  public let address: IPAddress?
  /// 0 for one that the kernel chooses.
  public let port: UInt16

  public init(_ address: IPAddress?, port: UInt16) {
    self.address = address
    self.port = port
  }

  /// - Throws: `InputError` for other text, such as the name of a host.
  public init(_ text: some StringProtocol) throws(InputError) {
    let text = Substring(String(text))
    do throws(InputError) {
      let (host, port) = text.isDigits ? ("", text) : try RelayEndpoint.parts(of: text)
      guard let number = UInt64(digits: port).flatMap({ UInt16(exactly: $0) }) else {
        throw InputError(text, "has no port from 0 to 65535")
      }
      if host.isEmpty, text.utf8.first != UInt8(ascii: "[") {
        self.init(nil, port: number)
      } else {
        let endpoint = RelayEndpoint(try RelayEndpoint.address(host, of: text), port: number)
        try endpoint.checkForm(text)
        self.init(endpoint.address, port: number)
      }
    } catch {
      throw InputError(
        text, error.problem, hint: "write it as 127.0.0.1:9987, [::1]:9987 or :9987")
    }
  }
}

extension ListenEndpoint: CustomStringConvertible {
  public var description: String {
    address.map { "\(RelayEndpoint($0, port: port))" } ?? ":\(port)"
  }
}
