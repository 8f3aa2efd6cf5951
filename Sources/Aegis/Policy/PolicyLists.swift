internal import CAegis

/// What concerns drop entries and keys alike.
enum PolicyLists {
  static func notesInUse(_ datapath: Datapath) throws(AegisError) -> Set<UInt32> {
    var used: Set<UInt32> = []
    for side in datapath.directions {
      used.formUnion(try DropList(side).list.all().map(\.entry.note))
      used.formUnion(try KeyList(side).list.all().map(\.entry.note))
    }
    return used
  }
}
