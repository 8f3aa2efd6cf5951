import CLibBPF
import Glibc
public import Linux

extension BPFObject {
  /// What an object says of one of its programs, before it is loaded.
  public struct ProgramFacts: Sendable, Equatable {
    public let name: String
    /// The section that it is in: `xdp.frags`.
    public let section: String
    /// One of `enum bpf_prog_type`.
    public let type: UInt32
    /// One of `enum bpf_attach_type`.
    public let attachType: UInt32
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
          type: bpf_program__type(current).rawValue,
          attachType: bpf_program__expected_attach_type(current).rawValue))
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
