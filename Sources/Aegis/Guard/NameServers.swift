internal import Linux

/// The name servers of this host.
enum NameServers {
  private static let path = "/etc/resolv.conf"
  /// The upstream servers of systemd-resolved.
  private static let behindStub = "/run/systemd/resolve/resolv.conf"

  /// More bytes than any such file has.
  private static let limit = 1 << 16

  /// nil if that cannot be read.
  static func configured() -> [IPAddress]? {
    guard let text = try? readFile(path, limit: limit) else { return nil }
    let servers = addresses(in: text)
    guard servers.contains(where: \.isLoopback),
      let behind = try? readFile(behindStub, limit: limit)
    else { return servers }
    return servers + addresses(in: behind)
  }

  /// Parses the lines of resolv.conf(5).
  static func addresses(in text: String) -> [IPAddress] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count > 1, words[0] == "nameserver" else { return nil }
      return try? IPAddress(words[1].split(at: "%").before).unmapped
    }
  }
}
