import Aegis

/// A token of the relay. It has a secret.
struct RelayTokenReport: Report {
  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "RelayToken"
    let user: String
    let session: UInt32
    /// What identifies the user beside the session.
    let userHash: UInt32
    /// The number of the master key.
    let key: UInt8
    /// 32 hexadecimal digits.
    let secret: String
    /// RFC 3339.
    let expires: String
    let expiresUnix: UInt32
    let listen: [String]
    /// Bytes that the relay's header adds to a packet of the client.
    let mtuOverhead: Int
  }

  private let token: RelayToken

  init(_ token: RelayToken) {
    self.token = token
  }

  var object: Object {
    Object(
      user: token.user.text, session: token.session, userHash: token.userHash, key: token.key,
      secret: token.secret,
      expires: "\(token.expiryTime)", expiresUnix: token.expires, listen: ["\(token.listen)"],
      mtuOverhead: RelayToken.overhead)
  }

  var names: [String] { [token.user.text] }

  func table(wide: Bool) -> Table {
    Table(
      ["", ""],
      rows: [
        ["user", token.user.text],
        ["session", "\(token.session)"],
        ["user hash", "\(token.userHash)"],
        ["key", "\(token.key)"],
        ["secret", token.secret],
        ["expires", "\(token.expiryTime)"],
        ["send to", "\(token.listen)"],
        ["payload", "at most the MTU of the path less \(token.headers) bytes"],
      ])
  }
}
