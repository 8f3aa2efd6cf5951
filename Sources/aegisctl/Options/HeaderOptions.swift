import Aegis
import ArgumentParser

/// Fields of a packet that is described in words.
struct HeaderOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("Flags of TCP, with commas between them (default: syn).", valueName: "flags")
  )
  var tcpFlags: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Type of an ICMP message, perhaps with /CODE (default: echo-request).", valueName: "type"))
  var icmp: String?

  @Option(
    name: .long, help: ArgumentHelp("TTL, or hop limit of IPv6 (default: 64).", valueName: "n"))
  var hopLimit: String?

  @Option(name: .long, help: ArgumentHelp("DSCP (default: 0).", valueName: "n"))
  var dscp: String?

  @Option(name: .long, help: ArgumentHelp("VLAN of a tag.", valueName: "n"))
  var vlan: String?

  @Option(
    name: .long,
    help: ArgumentHelp("A fragment of a packet: first or later.", valueName: "which"))
  var fragment: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The socket of this host that it is for: established, listen or none (default).",
      valueName: "state"),
    completion: .list(SocketState.allCases.map(\.rawValue)))
  var socket: String?

  private var texts: [(selector: RuleSelector, text: String)] {
    let all: [(RuleSelector, String?)] = [
      (.tcpFlags, tcpFlags), (.icmp, icmp), (.hopLimit, hopLimit), (.dscp, dscp), (.vlan, vlan),
      (.fragment, fragment), (.socket, socket),
    ]
    return all.compactMap { selector, text in text.map { (selector, $0) } }
  }

  /// Whether nothing is said of what is in the packet itself.
  var isEmpty: Bool { !texts.contains { $0.selector != .socket } }

  /// - Throws: `badInput`, naming the option.
  func header(over header: PacketHeader) throws(AegisError) -> PacketHeader {
    var header = header
    for (selector, text) in texts {
      do throws(InputError) {
        try header.set(selector, to: text)
      } catch {
        throw AegisError(.badInput, "--\(selector.word): \(error)", hint: error.hint)
      }
    }
    return header
  }
}
