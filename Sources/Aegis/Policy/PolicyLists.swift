internal import CAegis
internal import Linux

/// What concerns drop entries and keys alike.
enum PolicyLists {
  static func notesInUse(_ datapath: Datapath) throws(AegisError) -> Set<UInt32> {
    var used: Set<UInt32> = []
    for side in datapath.directions {
      for table in DropList(side).tables {
        used.formUnion(try kernel { () throws(SystemError) in try table.notes() })
      }
      for view in try side.profileViews {
        used.formUnion(try KeyList(view).list.all().map(\.entry.note))
      }
    }
    used.formUnion(try ListTable(datapath).listRows().map(\.note))
    return used
  }
}
