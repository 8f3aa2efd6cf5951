import CLibBPF
import Glibc
public import Linux

/// A BPF ELF object. Maps and programs that are neither pinned nor in use are freed with it.
public struct BPFObject: ~Copyable {
  /// The name given when the object was opened.
  public let name: String
  let object: OpaquePointer

  /// Opens an object from the bytes of its ELF file.
  ///
  /// The corresponding C function is `bpf_object__open_mem`.
  public init(_ bytes: [UInt8], name: String) throws(SystemError) {
    // The bytes are copied, since libelf reads structures in place and an array guarantees no alignment.
    let image = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    defer { image.deallocate() }
    image.copyBytes(from: bytes)
    let ((opened, code), log) = LibBPFLog.collect {
      name.withCString { name in
        withZeroed(bpf_object_open_opts.self) { options in
          options.pointee.sz = MemoryLayout<bpf_object_open_opts>.size
          options.pointee.object_name = name
          let opened = bpf_object__open_mem(image.baseAddress, image.count, options)
          return (opened, Glibc.errno)
        }
      }
    }
    guard let opened else {
      throw SystemError(
        operation: "open BPF object", subject: name, errno: code,
        reason: SystemError.reason(ofLibBPF: code), log: log)
    }
    self.object = opened
    self.name = name
  }

  deinit {
    bpf_object__close(object)
  }

  /// Sets the size of a map, in entries, before the object is loaded.
  ///
  /// The corresponding C function is `bpf_map__set_max_entries`.
  public func setMaxEntries(_ count: UInt32, ofMap map: String) throws(SystemError) {
    let pointer = try find(map: map)
    let (result, log) = LibBPFLog.collect { bpf_map__set_max_entries(pointer, count) }
    try check(result, "set the size of map", map, log: log)
  }

  /// Makes the programs use an existing map instead of a new one. Must be called before the object is loaded.
  ///
  /// The corresponding C function is `bpf_map__reuse_fd`.
  public func reuse(
    _ descriptor: borrowing FileDescriptor, forMap map: String
  ) throws(SystemError) {
    let pointer = try find(map: map)
    let number = descriptor.rawValue
    let (result, log) = LibBPFLog.collect { bpf_map__reuse_fd(pointer, number) }
    try check(result, "reuse map", map, log: log)
  }

  /// Creates the maps, and makes the kernel verify and load the programs.
  ///
  /// - Throws: An error whose log contains the verifier's log.
  ///
  /// The corresponding C function is `bpf_object__load`.
  public mutating func load() throws(SystemError) {
    let object = object
    let (result, log) = LibBPFLog.collect { bpf_object__load(object) }
    try check(result, "load BPF object", name, log: log)
  }

  /// Does not load one of the programs.
  ///
  /// The corresponding C function is `bpf_program__set_autoload`.
  public func leaveOut(program name: String) throws(SystemError) {
    try check(bpf_program__set_autoload(find(program: name), false), "leave out", name)
  }

  /// The corresponding C function is `bpf_map__set_map_flags`.
  public func setFlags(_ flags: UInt32, ofMap map: String) throws(SystemError) {
    try check(bpf_map__set_map_flags(find(map: map), flags), "set the flags of", map)
  }

  /// Creates only the maps.
  ///
  /// The corresponding C functions are `bpf_program__set_autoload` and `bpf_object__load`.
  public mutating func loadMaps() throws(SystemError) {
    var program = bpf_object__next_program(object, nil)
    while let current = program {
      try check(bpf_program__set_autoload(current, false), "leave out a program of", name)
      program = bpf_object__next_program(object, current)
    }
    try load()
  }

  /// The names of its maps, except for those that the compiler made for variables.
  ///
  /// The corresponding C function is `bpf_object__next_map`.
  public var mapNames: [String] {
    var names: [String] = []
    var map = bpf_object__next_map(object, nil)
    while let current = map {
      if !bpf_map__is_internal(current) { names.append(String(cString: bpf_map__name(current))) }
      map = bpf_object__next_map(object, current)
    }
    return names
  }

  /// Pins a loaded map.
  ///
  /// The corresponding C function is `bpf_obj_pin`.
  public func pinMap(_ name: String, at path: String) throws(SystemError) {
    let number = try bpf_map__fd(find(map: name))
    try check(uninterrupted { bpf_obj_pin(number, path) }, "pin map at", path)
  }

  /// Pins a loaded program.
  ///
  /// The corresponding C function is `bpf_obj_pin`.
  public func pinProgram(_ name: String, at path: String) throws(SystemError) {
    let number = try bpf_program__fd(find(program: name))
    try check(uninterrupted { bpf_obj_pin(number, path) }, "pin program at", path)
  }

  /// A new descriptor for a loaded map, owned by the caller.
  ///
  /// The corresponding C function is `bpf_map__fd`.
  public func mapDescriptor(_ name: String) throws(SystemError) -> FileDescriptor {
    try .duplicating(check(bpf_map__fd(find(map: name)), "use map", name))
  }

  /// A new descriptor for a loaded program, owned by the caller.
  ///
  /// The corresponding C function is `bpf_program__fd`.
  public func programDescriptor(_ name: String) throws(SystemError) -> FileDescriptor {
    try .duplicating(check(bpf_program__fd(find(program: name)), "use program", name))
  }

  private func find(map name: String) throws(SystemError) -> OpaquePointer {
    if let map = bpf_object__find_map_by_name(object, name) { return map }
    throw SystemError(operation: "find map", subject: name, errno: ENOENT)
  }

  private func find(program name: String) throws(SystemError) -> OpaquePointer {
    if let program = bpf_object__find_program_by_name(object, name) { return program }
    throw SystemError(operation: "find program", subject: name, errno: ENOENT)
  }
}
