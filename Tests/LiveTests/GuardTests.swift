import Foundation
import TestSupport
import Testing

extension Kernel {
  /// Whom the lock-out guard watches, and when it has nothing to say.
  struct GuardTests {
    private let nobody = GuardedHost.nobody

    private func refused(
      _ host: GuardedHost, _ arguments: [String], _ text: String, session: String? = nil,
      input: String? = nil, at location: SourceLocation = #_sourceLocation
    ) throws {
      let outcome = try host.run(arguments, input: input, session: session)
      #expect(outcome.status == 79, "\(arguments): \(outcome)", sourceLocation: location)
      #expect(outcome.error.contains(text), "\(outcome.error)", sourceLocation: location)
    }

    private func done(
      _ host: GuardedHost, _ arguments: [String], session: String? = nil, input: String? = nil,
      at location: SourceLocation = #_sourceLocation
    ) throws {
      let outcome = try host.run(arguments, input: input, session: session)
      #expect(outcome.status == 0, "\(arguments): \(outcome)", sourceLocation: location)
    }

    @Test(arguments: [GuardedHost.client, GuardedHost.client6])
    func everySSHPeerIsWatched(_ client: String) throws {
      let host = try GuardedHost(connected: [client])
      let text = "the SSH session from \(client) to port 22 (its address is dropped)"
      for options in [[], ["--timeout", "9s"], ["--ttl", "1h", "--note", "x"]] {
        try refused(host, ["drop-ip", client] + options, text, session: nobody)
      }
      let list = "203.0.113.1\n\(client)\n203.0.113.2\n"
      try refused(host, ["drop-ip", "-f", "-"], text, session: nobody, input: list)
      let long = (1...40).map { "203.0.113.\($0)\n" }.joined() + list
      try refused(host, ["drop-ip", "-f", "-"], text, session: nobody, input: long)
      #expect(try host.live.ok(["dump", "drops"])["drops"].array.isEmpty)
      try done(host, ["drop-ip", "203.0.113.1"], session: nobody)
      try done(host, ["drop-ip", "--remove", client], session: nobody)
    }

    @Test func otherConnectionsAreNot() throws {
      let host = try GuardedHost(port: 2222)
      try done(host, ["drop-ip", GuardedHost.client], session: nobody)
    }

    @Test func aSessionOnAnotherPortIsKept() throws {
      let host = try GuardedHost(connected: [], port: 2222)
      let session = "\(GuardedHost.client) 50000 192.0.2.1 2222"
      try done(host, ["allow-key", "any:22/tcp", "any/udp"])
      try refused(
        host, ["set-default", "deny"], "allow-key 192.0.2.9:2222/tcp --protect", session: session)
      try refused(
        host, ["drop-ip", "fe80::/10"], "your SSH session from fe80::9 to port 22",
        session: "fe80::9%eth7 50000 fe80::1%eth7 22")
    }

    @Test func whatIsCutOffAlreadyIsNotCutOffAgain() throws {
      let host = try GuardedHost()
      try done(host, ["drop-ip", GuardedHost.client, "--force"])
      try done(host, ["drop-ip", "192.0.2.0/24"])
      try done(host, ["set-rate", "1/s"])
      try done(host, ["allow-key", "any/udp"])
      try done(host, ["set-default", "deny"])
      try done(host, ["drop-ip", "--remove", GuardedHost.client, "192.0.2.0/24"])
    }

    @Test func entriesThatHaveExpiredDoNotCount() throws {
      let host = try GuardedHost()
      try done(host, ["allow-key", "any/udp"])
      try done(host, ["allow-key", "any:22/tcp", "--protect", "--ttl", "400ms"])
      Thread.sleep(forTimeInterval: 0.5)
      try refused(host, ["set-default", "deny"], "your SSH session")
      try refused(host, ["drop-ip", "192.0.2.0/24"], "your SSH session")
    }

    @Test func onlyWhatComesThroughAnAttachedInterfaceCounts() throws {
      let host = try GuardedHost(attached: false)
      try done(host, ["drop-ip", GuardedHost.client])
      try done(host, ["set-default", "deny"])
      try host.live.sandbox.ip(
        in: .host, ["link add aside0 type veth peer name aside1", "link set aside0 up"])
      try done(host, ["attach", "aside0"])
      try refused(host, ["attach", host.live.interface], "your SSH session")
      try done(host, ["set-rate", "1/s"])
      try done(host, ["attach", "--force", host.live.interface])
    }

    @Test func whoHasNoRouteIsNotWatched() throws {
      let host = try GuardedHost(connected: [])
      try host.live.sandbox.ip(in: .host, ["route del default"])
      try done(host, ["set-default", "deny"])
    }

    @Test func aConnectionCountsWhateverItsRoute() throws {
      let host = try GuardedHost()
      try host.live.sandbox.ip(in: .host, ["route del default"])
      try refused(host, ["drop-ip", GuardedHost.client], "your SSH session from 192.0.2.9")
    }

    @Test func everyGatewayCounts() throws {
      let host = try GuardedHost(connected: [])
      let interface = host.live.interface
      let network = host.gateway.dropLast()
      try host.live.sandbox.ip(
        in: .host,
        [
          "route replace default nexthop via \(network)3 dev \(interface)"
            + " nexthop via \(network)4 dev \(interface)",
          "route add default via inet6 \(host.gateway6.dropLast())5 dev \(interface) metric 9",
        ])
      for gateway in ["\(network)3", "\(network)4", "\(host.gateway6.dropLast())5"] {
        try refused(
          host, ["drop-ip", gateway], "the default gateway \(gateway) (", session: nobody)
      }
      try done(host, ["drop-ip", host.gateway], session: nobody)
    }

    @Test func anInterfaceOnTopMayBeCutOffToo() throws {
      let host = try GuardedHost(connected: [])
      let name = host.live.interface
      try host.live.sandbox.ip(
        in: .host,
        ["link add br0 type bridge", "addr add 203.0.113.1/24 dev br0", "link set br0 up"])
      try host.live.sandbox.ip(in: .host, ["link set \(name) master br0"])
      try refused(
        host, ["drop-ip", "203.0.113.9"], "your SSH session",
        session: "203.0.113.9 50000 203.0.113.1 22")
    }

    @Test func guardAddsHosts() throws {
      let host = try GuardedHost(connected: [])
      let guarded = ["--guard", "203.0.113.7", "--guard", "203.0.113.8:443/tcp"]
      try refused(
        host, ["drop-ip", "203.0.113.0/24"] + guarded,
        "203.0.113.7:22/tcp, which is guarded (it is in 203.0.113.0/24", session: nobody)
      try done(host, ["allow-key", "any/udp", "any:22/tcp"])
      try refused(
        host, ["set-default", "deny"] + guarded,
        "hint: aegisctl allow-key 203.0.113.8:443/tcp --protect, or --force", session: nobody)
      try done(host, ["allow-key", "any:443/tcp"])
      try done(host, ["set-default", "deny"] + guarded, session: nobody)
      #expect(try host.run(["drop-ip", "192.0.2.1", "--guard", "10.0.0.0/8"]).status == 65)
    }

    @Test func monitorModeCutsOffNobody() throws {
      let host = try GuardedHost()
      try done(host, ["set-mode", "monitor"])
      try done(host, ["drop-ip", GuardedHost.client])
      try done(host, ["set-default", "deny"])
      try refused(host, ["set-mode", "enforce"], "your SSH session")
      try done(host, ["set-mode", "enforce", "--force"])
    }

    @Test func aLatePolicyIsNotConfirmedWhereItLocksOut() throws {
      let host = try GuardedHost(attached: false)
      try done(host, ["drop-ip", GuardedHost.client])
      let attach = ["attach", host.live.interface, "--confirm-within", "200ms"]
      try refused(host, attach, "your SSH session")
      try done(host, attach + ["--force"])
      Thread.sleep(forTimeInterval: 0.3)
      try refused(host, ["confirm"], "your SSH session")
      try done(host, ["drop-ip", "--remove", GuardedHost.client])
      try done(host, ["confirm"])
    }

    @Test func whatCannotBeReadBlocksNothing() throws {
      let host = try GuardedHost(mounts: "mount -t tmpfs none /etc && mount -t tmpfs none /run")
      try done(host, ["allow-key", "any:22/tcp"])
      let outcome = try host.run(["set-default", "deny", "-v"])
      #expect(outcome.status == 0)
      #expect(
        outcome.error == "note: the name servers are not guarded: cannot read /etc/resolv.conf\n")
      try done(host, ["set-default", "allow"])
      #expect(try host.run(["set-default", "deny"]).error == "")
    }
  }
}
