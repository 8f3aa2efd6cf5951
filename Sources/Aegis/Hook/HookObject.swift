internal import BPF
internal import CAegis
internal import Linux

/// An operator's object, and the program in it that is meant.
public struct HookObject: Sendable {
  /// The file, for messages.
  public let path: String
  /// Its absolute path; empty if there is none.
  let file: String
  public let program: String
  private let bytes: [UInt8]

  /// Equal for equal objects: the hash of a program's instructions is also equal if other data is built in.
  var hash: UInt64 { Layout.fnv1a((Array(program.utf8) + bytes).lazy.map(UInt64.init)) | 1 }

  /// More than any program needs.
  public static let mostBytes = 16 << 20

  /// - Parameters:
  ///   - bytes: Of the file.
  ///   - program: Its name; nil for the only one.
  ///   - file: Its absolute path.
  /// - Throws: `badInput` for what is no object, or has no such program, or one of another kind.
  public init(
    _ bytes: [UInt8], path: String, program: String? = nil, file: String = ""
  ) throws(AegisError) {
    let programs: [BPFObject.ProgramFacts]
    do {
      programs = try BPFObject(bytes, name: Self.name).programs
    } catch {
      throw AegisError(
        .badInput, "\(path): is not a BPF object that libbpf can read",
        hint: "make one with: clang -target bpf -O2 -g -c PROGRAM.c -o PROGRAM.o", log: error.log)
    }
    let chosen = try Self.choose(program, among: programs, of: path)
    if let problem = Self.problem(with: chosen) {
      throw AegisError(
        .badInput, "\(path): program \(chosen.name) \(problem.text)", hint: problem.hint)
    }
    (self.bytes, self.path, self.program, self.file) = (bytes, path, chosen.name, file)
  }

  /// Of the object in the kernel.
  private static let name = "aegis_hook"

  private static func choose(
    _ name: String?, among programs: [BPFObject.ProgramFacts], of path: String
  ) throws(AegisError) -> BPFObject.ProgramFacts {
    let names = programs.map(\.name).joined(separator: ", ")
    if let name {
      if let found = programs.first(where: { $0.name == name }) { return found }
      throw AegisError(
        .badInput, "\(path): has no program \(name)",
        hint: programs.isEmpty ? nil : "it has: \(names)")
    }
    guard let only = programs.first else {
      throw AegisError(.badInput, "\(path): has no program")
    }
    guard programs.count == 1 else {
      throw AegisError(
        .badInput, "\(path): has several programs", hint: "choose one with --program: \(names)")
    }
    return only
  }

  /// Why the kernel would not let the datapath call it (bpf_prog_map_compatible()), or it would misread frames.
  private static func problem(
    with program: BPFObject.ProgramFacts
  ) -> (text: String, hint: String?)? {
    let section = "is in section \(program.section)"
    let write = "write SEC(\"xdp.frags\")"
    func isFor(_ map: String) -> (text: String, hint: String?) {
      ("\(section), for \(map), and the kernel lets no other program call it", write)
    }
    switch program.kind {
    case .other: return ("\(section) and is no program of XDP", write)
    case .deviceMap: return isFor("a map of devices")
    case .cpuMap: return isFor("a map of CPUs")
    case .xdp: break
    }
    // libbpf derives the flag BPF_F_XDP_HAS_FRAGS from the section when it loads a program.
    guard program.section.hasPrefix("xdp.frags") else {
      return (
        "\(section), for frames in one piece, and the datapath gets others too",
        "\(write), and read what lies behind data_end with bpf_xdp_load_bytes()"
      )
    }
    return nil
  }

  /// Loads the program.
  ///
  /// - Parameters:
  ///   - maps: The pinned maps that it gets in place of its own, by their names.
  ///   - isTrial: Whether it leaves no trace in bpffs.
  func load(
    onPinned maps: [String], isTrial: Bool = false
  ) throws(AegisError) -> LoadedHook {
    do {
      return try load(isTrial: isTrial) { (object, present) throws(SystemError) in
        for path in maps where present.contains(path.lastPathComponent) {
          try object.reuse(
            AnyBPFMap(pinnedAt: path).descriptor, forMap: path.lastPathComponent)
        }
      }
    } catch {
      throw refusal(error)
    }
  }

  /// Loads it on maps of another object that is loaded.
  func load(
    onMaps maps: [aegis_map], of other: borrowing BPFObject
  ) throws(AegisError) -> LoadedHook {
    do {
      return try load(isTrial: true) { (object, present) throws(SystemError) in
        for map in maps where present.contains(map.name) {
          try object.reuse(other.mapDescriptor(map.name), forMap: map.name)
        }
      }
    } catch {
      throw refusal(error)
    }
  }

  private func load(
    isTrial: Bool,
    sharing share: (borrowing BPFObject, Set<String>) throws(SystemError) -> Void
  ) throws(SystemError) -> LoadedHook {
    var object = try BPFObject(bytes, name: Self.name)
    for other in object.programs where other.name != program {
      try object.leaveOut(program: other.name)
    }
    if isTrial { try object.pinNoMaps() }
    try share(object, Set(object.mapNames))
    try object.load()
    return LoadedHook(
      program: BPFProgram(try object.programDescriptor(program), name: program))
  }

  /// The verifier refuses with EACCES, too.
  private func refusal(_ error: SystemError) -> AegisError {
    let plain = AegisError(loading: error)
    let verdict = Self.lastWords(ofVerifier: error.log)
    return AegisError(
      verdict != nil || plain.kind == .kernelRefused ? .badInput : plain.kind,
      "\(path): the kernel does not load program \(program): "
        + (verdict.map { "the verifier says: \($0)" } ?? plain.message),
      hint: verdict == nil ? plain.hint : "-v prints all that it says", log: error.log)
  }

  /// The line in front of its figures; nil if it was not the verifier that refused.
  private static func lastWords(ofVerifier log: String) -> String? {
    let lines = log.split(separator: "\n")
    guard let end = lines.firstIndex(where: { $0.hasPrefix("processed ") }), end > 0 else {
      return nil
    }
    return String(escaping: Array(lines[end - 1].utf8).prefix(200))
  }
}

/// A program that is loaded; it is freed with this value, unless a pin or a slot holds it.
struct LoadedHook: ~Copyable {
  let program: BPFProgram
}
