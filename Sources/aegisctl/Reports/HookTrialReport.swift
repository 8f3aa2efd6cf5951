import Aegis

/// What a program did with the packets of a capture.
struct HookTrialReport: Report {
  struct Packet: Encodable {
    /// From 1, as in Wireshark.
    let number: Int
    /// `pass`, `drop`, `reply`, `not asked`, or the action of XDP that it returned by itself.
    let outcome: String
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "HookTrial"
    let packets: [Packet]
    let counts: [String: Int]
  }

  let object: Object

  init(_ trial: HookTrial, packet path: String) throws {
    var reader = try CaptureReader(path)
    var packets: [Packet] = []
    while let frame = try reader.next() {
      let outcome = frame.bytes.count < 14 ? .notAsked : try trial.run(frame.bytes)
      packets.append(Packet(number: frame.number, outcome: outcome.text))
    }
    object = Object(
      packets: packets,
      counts: packets.reduce(into: [:]) { $0[$1.outcome, default: 0] += 1 })
  }

  var names: [String] { object.packets.map { "\($0.number) \($0.outcome)" } }

  func table(wide: Bool) -> Table {
    let rows =
      wide
      ? object.packets.map { ["\($0.number)", $0.outcome] }
      : object.counts.sorted { $0.key < $1.key }.map { ["\($0.value)", $0.key] }
    return Table([wide ? "PACKET" : "PACKETS", "OUTCOME"], rows: rows)
  }
}

extension HookTrial.Outcome {
  fileprivate var text: String {
    switch self {
    case .ended(let verdict): verdict.rawValue
    case .returned(let action): action
    case .notAsked: "not asked"
    }
  }
}
