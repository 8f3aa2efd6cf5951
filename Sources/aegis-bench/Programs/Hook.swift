import Aegis

/// Where a program meets packets.
enum Hook: String, CaseIterable {
  case xdp = "in, XDP"
  case tc = "in, tc"
  case out = "out, tc"

  var direction: Direction { self == .out ? .out : .in }

  var isXDP: Bool { self == .xdp }

  /// The name of its program.
  var program: String {
    switch self {
    case .xdp: "aegis"
    case .tc: "aegis_tc"
    case .out: "aegis_out"
    }
  }
}
