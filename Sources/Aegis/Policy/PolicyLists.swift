internal import CAegis

/// What concerns drop entries and keys alike.
enum PolicyLists {
  static func notesInUse(_ datapath: Datapath) throws(AegisError) -> Set<UInt32> {
    var used = Set(try DropList(datapath).list.all().map(\.entry.note))
    used.formUnion(try KeyList(datapath).list.all().map(\.entry.note))
    return used
  }
}
