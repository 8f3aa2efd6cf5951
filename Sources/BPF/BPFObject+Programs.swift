import CLibBPF
import Glibc
public import Linux

extension BPFObject {
  /// What an object says of one of its programs, before it is loaded.
  public struct ProgramFacts: Sendable, Equatable {
    public let name: String
    /// The section that it is in: `xdp.frags`.
    public let section: String
    public let kind: Kind
  }

  public enum Kind: Sendable {
    case xdp
    /// XDP for a map of devices, or of CPUs.
    case deviceMap, cpuMap
    case other
  }

  private static func kind(_ program: OpaquePointer) -> Kind {
    guard bpf_program__type(program) == BPF_PROG_TYPE_XDP else { return .other }
    return switch bpf_program__expected_attach_type(program) {
    case BPF_XDP: .xdp
    case BPF_XDP_CPUMAP: .cpuMap
    default: .deviceMap
    }
  }

  /// Its programs, without functions that only these call.
  ///
  /// The corresponding C function is `bpf_object__next_program`.
  public var programs: [ProgramFacts] {
    var all: [ProgramFacts] = []
    var program = bpf_object__next_program(object, nil)
    while let current = program {
      all.append(
        ProgramFacts(
          name: String(cString: bpf_program__name(current)),
          section: String(cString: bpf_program__section_name(current)),
          kind: Self.kind(current)))
      program = bpf_object__next_program(object, current)
    }
    return all
  }

  /// Keeps maps that are to be pinned by their names out of bpffs.
  ///
  /// The corresponding C function is `bpf_map__set_pin_path`.
  public func pinNoMaps() throws(SystemError) {
    var map = bpf_object__next_map(object, nil)
    while let current = map {
      try check(bpf_map__set_pin_path(current, nil), "unpin the maps of", name)
      map = bpf_object__next_map(object, current)
    }
  }
}
