internal import BPF
internal import CAegis
internal import Linux

extension PinRoot {
  /// A program that a link runs, by its pin in a generation or a measurement; by its number, which needs CAP_SYS_ADMIN,
  /// only if it has none. nil if there is no such program.
  func program(_ id: UInt32) throws(SystemError) -> BPFProgram? {
    let directories = try FileSystem.listUnlinked(path)
      .filter { Generations.number(of: $0) != nil || $0 == Self.measuringName }
    for directory in directories.map({ "\(path)/\($0)" }) {
      let names = ((try? FileSystem.listUnlinked(directory)) ?? []).filter {
        $0.hasPrefix(AEGIS_PROGRAM)
      }
      for pin in names.map({ "\(directory)/\($0)" })
      where (try? BPFProgram(pinnedAt: pin).info().id) == id {
        return try BPFProgram(pinnedAt: pin)
      }
    }
    return try BPFProgram.open(id: id)
  }
}
