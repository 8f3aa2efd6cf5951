internal import BPF
internal import CAegis
internal import Linux

/// The texts of notes. Entries store the number of a note, and entries with the same text share it.
struct Notes: ~Copyable {
  private let map: BPFMap<UInt32, aegis_note>

  init(_ datapath: Datapath) throws(AegisError) {
    map = try datapath.map(AEGIS_MAP_notes)
  }

  /// Returns the number of a text, which is stored if it is new. `used` returns the numbers that entries hold; it is
  /// called only when the map is full, to find texts that no entry uses.
  func number(
    of note: Note, used: () throws(AegisError) -> Set<UInt32>
  ) throws(AegisError) -> UInt32 {
    var number = note.id
    while let taken = try kernel({ () throws(SystemError) in try map.value(forKey: number) }) {
      if Note(taken) == note { return number }
      number = number &+ 1 == 0 ? 1 : number &+ 1
    }
    do {
      try map.update(note.abi, forKey: number)
    } catch {
      guard error.isFull else { throw AegisError(error) }
      try removeAll(except: used())
      try store(note, as: number)
    }
    return number
  }

  private func store(_ note: Note, as number: UInt32) throws(AegisError) {
    do {
      try map.update(note.abi, forKey: number)
    } catch {
      guard error.isFull else { throw AegisError(error) }
      throw AegisError(
        .failed, "the entries already have \(AEGIS_NOTES) different notes, which is the maximum",
        hint: "entries with the same note share one: reuse a note")
    }
  }

  private func removeAll(except used: Set<UInt32>) throws(AegisError) {
    try kernel { () throws(SystemError) in
      _ = try map.remove(map.entries().map(\.key).filter { !used.contains($0) })
    }
  }

  func count() throws(AegisError) -> Int {
    try kernel { () throws(SystemError) in try map.count() }
  }

  func all() throws(AegisError) -> [UInt32: Note] {
    let stored = try kernel { () throws(SystemError) in try map.entries() }
    var notes: [UInt32: Note] = [:]
    for (number, text) in stored { notes[number] = Note(text) }
    return notes
  }
}
