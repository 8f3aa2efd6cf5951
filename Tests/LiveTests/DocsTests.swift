import Foundation
import TestSupport
import Testing

extension Kernel {
  /// Every command that a page in docs/ or docs/integrations/ shows in a block marked sh works as it stands there, and prints the lines that
  /// the page shows in blocks marked text.
  struct DocsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()

    private static let pages = pages(in: "") + pages(in: "integrations/")

    private static func pages(in directory: String) -> [String] {
      let path = root.appending(path: "docs/" + directory).path
      let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      return files.filter { $0.hasSuffix(".md") }.sorted().map { directory + $0 }
    }

    @Test func thereArePages() {
      #expect(Self.pages.count > 4, "\(Self.pages)")
    }

    /// The blocks of a page run in one shell, in their order.
    @Test(arguments: pages)
    func everyBlockRuns(_ page: String) throws {
      let file = Self.root.appending(path: "docs/\(page)")
      let text = try String(contentsOf: file, encoding: .utf8)
      let blocks = Self.blocks(of: "sh", in: text)
      try #require(!blocks.isEmpty, "docs/\(page) has no block marked sh")
      let outcome = try Command([
        "unshare", "--net", "--mount", "sh", "-euc", Self.host, "docs",
        BuiltBinary.path("aegisctl"), Self.root.appending(path: "contrib").path,
        Self.gateways.contains(page) ? "eth2" : "eth0",
      ]).run(input: blocks.joined())
      #expect(outcome.status == 0, "docs/\(page): \(outcome.error)\n\(outcome.output)")
      let printed = outcome.output.components(separatedBy: "\n")
      for line in Self.blocks(of: "text", in: text).joined().split(separator: "\n") {
        #expect(printed.contains { Self.shows($0, line) }, "docs/\(page): \(line)")
      }
    }

    /// Whether a line is what a page shows, where `…` stands for anything.
    private static func shows(_ printed: String, _ line: Substring) -> Bool {
      var rest = printed[...]
      for (place, part) in line.components(separatedBy: "…").enumerated() where !part.isEmpty {
        guard let range = rest.range(of: part), place > 0 || range.lowerBound == rest.startIndex
        else { return false }
        rest = rest[range.upperBound...]
      }
      return rest.isEmpty || line.hasSuffix("…")
    }

    private static func blocks(of kind: String, in page: String) -> [String] {
      page.components(separatedBy: "\n```\(kind)\n").dropFirst().compactMap { text in
        text.components(separatedBy: "\n```\n").first.map { $0 + "\n" }
      }
    }

    /// Pages whose host is managed by eth2, because its other interfaces are ports.
    private static let gateways = ["transparent-gateway.md"]

    /// The host that the pages are about: eth0 and eth1, a gateway, a name server, and an administrator who is logged in
    /// from afar, by the interface given last. All of it is in namespaces without a name, and goes with the last process.
    private static let host = """
      mount -t bpf -o mode=700 bpf /sys/fs/bpf
      mkdir -p /run/netns
      mount -t tmpfs tmpfs /run/netns
      mount -t tmpfs tmpfs /mnt
      ip link set lo up
      for port in eth0 eth1 eth2; do
        ip netns add at-$port
        ip link add $port type veth peer name eth0 netns at-$port
        ip netns exec at-$port ethtool -K eth0 gro on tx off >/dev/null
        ip link set $port up
        ip -n at-$port link set eth0 up
      done
      ip addr add 203.0.113.10/24 dev "$3"
      ip -n "at-$3" addr add 203.0.113.1/24 dev eth0
      ip route add default via 203.0.113.1
      mkdir /mnt/bin /mnt/work
      ln -s "$1" /mnt/bin/aegisctl
      ln -s "$2" /mnt/work/contrib
      echo nameserver 198.51.100.53 >/mnt/resolv.conf
      mount --bind /mnt/resolv.conf /etc/resolv.conf
      cd /mnt/work
      PATH=/mnt/bin:$PATH SSH_CONNECTION='192.0.2.9 50000 203.0.113.10 22'
      export PATH SSH_CONNECTION
      unset AEGIS_PIN_ROOT
      exec sh -eux
      """
  }
}
