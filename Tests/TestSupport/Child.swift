internal import Foundation
internal import Glibc
internal import Synchronization

/// A process started from here, with nothing of this one but what it is given. Foundation's starts it with the
/// signals blocked that are blocked here, and takes one that closes all its descriptors for ended.
final class Child: Sendable {
  let pid: pid_t
  /// What it ended with, once it has.
  private let status = Mutex<Int32?>(nil)
  private let ended = DispatchSemaphore(value: 0)

  /// - Parameter streams: Its standard input, output and error.
  init(_ words: [String], environment: [String: String], streams: [Int32]) throws {
    pid = try Self.spawn(words, environment.map { "\($0)=\($1)" }, streams)
    Thread { [self] in reap() }.start()
  }

  private static func spawn(
    _ words: [String], _ variables: [String], _ streams: [Int32]
  ) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, stream) in streams.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, stream, Int32(target))
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
      guard let open = Int32(name), open >= streams.count else { continue }
      posix_spawn_file_actions_addclose(&actions, open)
    }

    let pointers = [words, variables].map { texts in texts.map { strdup($0) } + [nil] }
    defer { for pointer in pointers.joined() { free(pointer) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, words[0], &actions, &attributes, pointers[0], pointers[1])
    guard code == 0 else {
      throw SupportError("\(words[0]): \(String(cString: strerror(code)))")
    }
    return pid
  }

  private func reap() {
    var info = siginfo_t()
    while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    // Until now the number was its own.
    status.withLock { status in
      var code: Int32 = 0
      waitpid(pid, &code, 0)
      status = code
    }
    ended.signal()
  }

  func signal(_ number: Int32) {
    status.withLock { if $0 == nil { _ = kill(pid, number) } }
  }

  /// - Returns: Its exit status, or the signal that ended it; nil when the time is over before.
  func wait(until time: DispatchTime) -> Int32? {
    guard ended.wait(timeout: time) == .success else { return nil }
    // For who asks again.
    ended.signal()
    return status.withLock { code in
      code.map { $0 & 0x7f == 0 ? $0 >> 8 & 0xff : $0 & 0x7f }
    }
  }
}
