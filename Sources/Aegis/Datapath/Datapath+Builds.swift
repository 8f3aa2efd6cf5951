internal import BPF
internal import CAegis
internal import Linux

extension Datapath {
  /// Whether the loaded datapath was built from the object in this binary, so that the other builds judge the same way.
  var isOfThisBuild: Bool { origin.object == BPFObjects.hash }

  /// Records that the loaded datapath has the same instructions as the one in this binary, even if it was compiled
  /// differently.
  func noteThisBuild() throws(AegisError) {
    if isOfThisBuild { return }
    let map: BPFMap<UInt32, aegis_meta> = try self.map(AEGIS_MAP_meta)
    try kernel { () throws(SystemError) in
      guard var meta = try map.value(forKey: 0) else { return }
      meta.object = BPFObjects.hash
      try map.update(meta, forKey: 0)
    }
  }

  /// Loads another build of the datapath on the maps of this one. Nothing pins it, so it is freed with the returned
  /// value unless a link holds it.
  ///
  /// - Parameters:
  ///   - object: A member of `BPFObjects`.
  ///   - own: Maps of the catalogue that it has of its own.
  ///   - prepare: Called before it is loaded.
  func load(
    build object: String, named name: String, besides own: [aegis_map] = [],
    prepare: (borrowing BPFObject) throws(SystemError) -> Void = { _ throws(SystemError) in }
  ) throws(AegisError) -> BPFObject {
    try checkIsOwn()
    do {
      var object = try BPFObject(BPFObjects.decode(object), name: name)
      // All other maps of a build are its own.
      for map in aegis_map.all where !own.contains(map) {
        try object.reuse(AnyBPFMap(pinnedAt: pin(of: map)).descriptor, forMap: map.name)
      }
      try prepare(object)
      try object.load()
      return object
    } catch {
      throw AegisError(loading: error)
    }
  }
}
