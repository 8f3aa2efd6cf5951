/// A command line that is timed.
struct Call: Sendable {
  let name: String
  /// Its words, which differ from call to call.
  let words: @Sendable (Int) -> [String]

  /// The verbs of aegisctl that other programs call most, with their usual options.
  static func verbs(_ tool: String, root: String) -> [Call] {
    let place = ["--pin-root", root]
    return [
      Call(name: "aegisctl drop-ip") { [tool, "drop-ip", "-q", "10.1.2.\($0)"] + place },
      Call(name: "aegisctl drop-ip --ttl --note") {
        [tool, "drop-ip", "10.1.2.\($0)", "--ttl", "1h", "--note", "f2b-sshd", "-q"] + place
      },
      Call(name: "aegisctl allow-key --rate --burst") {
        [tool, "allow-key", "10.1.2.\($0):22/tcp", "--rate", "50/s", "--burst", "20", "-q"] + place
      },
      Call(name: "aegisctl set-rate --port --burst") {
        [tool, "set-rate", "\(1000 + $0)/s", "--port=53/udp", "--burst", "200", "-q"] + place
      },
      Call(name: "aegisctl status -o json") { _ in [tool, "status", "-o", "json"] + place },
      Call(name: "aegisctl stats -o json") { _ in [tool, "stats", "-o", "json"] + place },
      Call(name: "aegisctl dump drops -o name") { _ in
        [tool, "dump", "drops", "-o", "name"] + place
      },
    ]
  }

  /// Changes a set of nftables; the table `bench` must exist.
  static let nft = Call(name: "nft add element") {
    ["nft", "add", "element", "inet", "bench", "s", "{ 10.1.2.\($0) }"]
  }

  /// Writes directly to a map of Aegis.
  static func bpftool(root: String) -> Call {
    // A key is `struct aegis_key`, here of an IPv4 host.
    let head = ["4", "0", "0", "0", "10", "1", "3"]
    let zeros = [String](repeating: "0", count: 32)
    return Call(name: "bpftool map update") {
      ["bpftool", "map", "update", "pinned", root + "/current/key", "key"] + head + ["\($0)"]
        + zeros.prefix(12) + ["value"] + zeros
    }
  }
}
