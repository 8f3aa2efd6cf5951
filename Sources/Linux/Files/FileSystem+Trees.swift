import Glibc

extension FileSystem {
  /// The names in a directory, sorted.
  ///
  /// The corresponding C function is `readdir`.
  public static func list(_ path: String) throws(SystemError) -> [String] {
    try names(in: FileDescriptor(opening: path, O_RDONLY | O_DIRECTORY, to: "list"), path)
  }

  /// Does the same, but returns no names if there is no directory, or only a symbolic link to one.
  public static func listUnlinked(_ path: String) throws(SystemError) -> [String] {
    do throws(SystemError) {
      guard let directory = try directory(path, in: AT_FDCWD) else { return [] }
      return try names(in: directory, path)
    } catch {
      guard error.errno == ENOTDIR || error.errno == ELOOP else { throw error }
      return []
    }
  }

  /// Does the same for an open directory.
  ///
  /// - Parameter text: Converts a name to text.
  public static func names(
    in descriptor: borrowing FileDescriptor, _ path: String,
    as text: (UnsafePointer<CChar>) -> String = { String(cString: $0) }
  ) throws(SystemError) -> [String] {
    let copy = try descriptor.duplicate()
    guard let directory = fdopendir(copy.rawValue) else {
      throw SystemError(operation: "list", subject: path, errno: Glibc.errno)
    }
    copy.relinquish()
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      // Read through a pointer: an entry ends with its name, before the end of the array that the type declares.
      let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
      let name = text(
        (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self))
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Opens a directory for reading, unless it is a symbolic link; nil if it is absent.
  public static func directory(
    _ name: String, in directory: CInt, named path: String? = nil
  ) throws(SystemError) -> FileDescriptor? {
    let number = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    if number < 0, Glibc.errno == ENOENT { return nil }
    return FileDescriptor(rawValue: try checkErrno(number, "list", path ?? name))
  }

  /// Removes a directory with its contents, a pin or a symbolic link; does nothing if it is absent. Follows no link,
  /// even if one is created meanwhile.
  ///
  /// The corresponding C function is `unlinkat`.
  public static func removeTree(_ path: String) throws(SystemError) {
    try removeTree(path, in: AT_FDCWD, path)
  }

  private static func removeTree(
    _ name: String, in directory: CInt, _ path: String
  ) throws(SystemError) {
    if unlinkat(directory, name, 0) == 0 || Glibc.errno == ENOENT { return }
    let code = Glibc.errno
    // On a read-only file system, the kernel reports EROFS even for an absent entry.
    if code == EROFS, faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0 { return }
    guard code == EISDIR else {
      throw SystemError(operation: "remove", subject: path, errno: code)
    }
    if let inner = try self.directory(name, in: directory, named: path) {
      for name in try names(in: inner, path) {
        try removeTree(name, in: inner.rawValue, path + "/" + name)
      }
    }
    if unlinkat(directory, name, AT_REMOVEDIR) == 0 || Glibc.errno == ENOENT { return }
    throw SystemError(operation: "remove", subject: path, errno: Glibc.errno)
  }
}
