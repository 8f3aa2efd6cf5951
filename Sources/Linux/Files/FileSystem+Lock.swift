import Glibc

extension FileSystem {
  /// Locks a directory against other processes; the lock ends with the returned descriptor.
  ///
  /// - Throws: EWOULDBLOCK if another holds it for longer than `timeout`.
  ///
  /// The corresponding C function is `flock`.
  public static func lock(
    _ directory: String, timeout: Duration
  ) throws(SystemError) -> FileDescriptor {
    let start = ContinuousClock.now
    var pause = 1
    while true {
      let descriptor = try FileDescriptor(
        opening: directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      if flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 {
        // Its last holder may have removed the directory or put another in its place.
        if isSame(descriptor, directory) { return descriptor }
        continue
      }
      let code = Glibc.errno
      guard code == EWOULDBLOCK, start.duration(to: .now) < timeout else {
        throw SystemError(operation: "lock", subject: directory, errno: code)
      }
      var duration = timespec(tv_sec: 0, tv_nsec: pause * 1_000_000)
      nanosleep(&duration, nil)
      pause = min(pause * 2, 20)
    }
  }

  /// Whether an open directory is still the one at a path.
  ///
  /// The corresponding C functions are `fstat` and `lstat`.
  public static func isSame(_ descriptor: borrowing FileDescriptor, _ path: String) -> Bool {
    var held = stat()
    var found = stat()
    return fstat(descriptor.rawValue, &held) == 0 && lstat(path, &found) == 0
      && held.st_dev == found.st_dev && held.st_ino == found.st_ino
  }
}
