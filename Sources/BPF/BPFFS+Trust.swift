import CLibBPF
import Glibc
public import Linux

extension BPFFS {
  /// Why a user other than the caller and root can change what is pinned.
  public enum Flaw: Equatable, Sendable {
    case owner(path: String, uid: UInt32)
    case writable(path: String, mode: UInt32)
    case symbolicLink(path: String)
  }

  /// The first flaw of a directory, or of its nearest existing parent, up to the mount point of its BPF file system. If
  /// there is none, nobody else can put another directory in its place.
  ///
  /// - Parameter caller: The user who, besides root, may own it.
  ///
  /// The corresponding C functions are `openat2` and `fstat`.
  public static func flaw(
    inPath path: String, caller: UInt32
  ) throws(SystemError) -> Flaw? {
    let directory: FileDescriptor
    do throws(SystemError) {
      directory = try FileSystem.unlinkedDirectory(path)
    } catch {
      if error.errno == ELOOP { return .symbolicLink(path: path) }
      guard [ENOENT, ENOTDIR].contains(error.errno), let parent = path.parentDirectory, path != "/"
      else { throw error }
      return try flaw(inPath: parent, caller: caller)
    }
    return try flaw(of: directory, path, caller)
  }

  private static func flaw(
    of directory: consuming FileDescriptor, _ path: String, _ caller: UInt32
  ) throws(SystemError) -> Flaw? {
    var directory = directory
    var path = path
    var isParent = false
    while try FileSystem.kind(of: directory, named: path) == Int(BPF_FS_MAGIC) {
      var status = stat()
      try checkErrno(fstat(directory.rawValue, &status), "look at", path)
      // In a sticky directory only the owner of an entry can move it, and the owner was just checked. This exception
      // does not apply to root: others could create a directory before root does.
      let isShared = isParent && caller != 0 && status.st_mode & S_ISVTX != 0
      if let flaw = flaw(of: status, path, caller, mayBeShared: isShared) { return flaw }
      guard path != "/", let parent = path.parentDirectory else { return nil }
      directory = try FileSystem.parent(of: directory, named: parent)
      path = parent
      isParent = true
    }
    return nil
  }

  private static func flaw(
    of status: stat, _ path: String, _ caller: UInt32, mayBeShared: Bool = false
  ) -> Flaw? {
    if status.st_uid != caller, status.st_uid != 0 {
      return .owner(path: path, uid: status.st_uid)
    }
    let isDirectory = status.st_mode & S_IFMT == S_IFDIR
    if isDirectory, !mayBeShared, status.st_mode & 0o022 != 0 {
      return .writable(path: path, mode: status.st_mode & 0o7777)
    }
    return nil
  }

  /// The path or its nearest parent that the caller may see, if it belongs to another user.
  ///
  /// The corresponding C function is `lstat`.
  public static func foreignOwner(
    of path: String, caller: UInt32
  ) -> (path: String, uid: UInt32)? {
    var status = stat()
    guard path.hasPrefix("/") else { return nil }
    if lstat(path, &status) == 0 { return status.st_uid == caller ? nil : (path, status.st_uid) }
    guard path != "/", let parent = path.parentDirectory else { return nil }
    return foreignOwner(of: parent, caller: caller)
  }

  /// The first flaw in the contents of a directory: an entry that belongs to another user or that others may write to,
  /// or a symbolic link that leads out of its directory. Follows no link.
  ///
  /// The corresponding C functions are `readdir` and `fstatat`.
  public static func flaw(
    inContentsOf path: String, caller: UInt32
  ) throws(SystemError) -> Flaw? {
    guard let directory = try FileSystem.directory(path, in: AT_FDCWD) else { return nil }
    return try flaw(inContentsOf: directory, path, caller)
  }

  private static func flaw(
    inContentsOf directory: borrowing FileDescriptor, _ path: String, _ caller: UInt32
  ) throws(SystemError) -> Flaw? {
    for name in try FileSystem.names(in: directory, path) {
      let entry = path + "/" + name
      var status = stat()
      let result = fstatat(directory.rawValue, name, &status, AT_SYMLINK_NOFOLLOW)
      // The entry is already gone: another call is changing something.
      if result < 0, Glibc.errno == ENOENT { continue }
      try checkErrno(result, "look at", entry)
      if let flaw = flaw(of: status, entry, caller) { return flaw }
      switch status.st_mode & S_IFMT {
      case S_IFLNK:
        let target = try FileSystem.target(of: name, in: directory.rawValue, entry)
        if target.map({ $0.contains("/") || $0 == ".." }) ?? false {
          return .symbolicLink(path: entry)
        }
      case S_IFDIR:
        guard let inner = try FileSystem.directory(name, in: directory.rawValue, named: entry)
        else {
          continue
        }
        if let flaw = try flaw(inContentsOf: inner, entry, caller) { return flaw }
      default: continue
      }
    }
    return nil
  }
}
