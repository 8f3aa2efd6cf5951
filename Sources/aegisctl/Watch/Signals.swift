import Glibc

/// The signals that a watch handles, taken one by one between its polls.
struct Signals {
  private static let taken = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH]
  private var set = sigset_t()

  /// From now on the signals wait to be taken.
  ///
  /// The corresponding C function is `sigprocmask`.
  init() {
    sigemptyset(&set)
    for signal in Self.taken { sigaddset(&set, signal) }
    sigprocmask(SIG_BLOCK, &set, nil)
  }

  /// The next signal, or nil if none came before `end`.
  ///
  /// The corresponding C function is `sigtimedwait`.
  func next(until end: ContinuousClock.Instant) -> CInt? {
    while true {
      let left = max(.zero, ContinuousClock.now.duration(to: end)).components
      var time = timespec(
        tv_sec: Int(left.seconds), tv_nsec: Int(left.attoseconds / 1_000_000_000))
      var set = set
      let signal = sigtimedwait(&set, nil, &time)
      if signal > 0 { return signal }
      if errno != EINTR { return nil }
    }
  }

  /// Stops this process only, as the shell does. Returns when it is continued.
  func stop() { kill(getpid(), SIGSTOP) }

  /// Dies as a process does that does not catch the signal.
  func die(of signal: CInt) {
    Glibc.signal(signal, SIG_DFL)
    var set = set
    sigprocmask(SIG_UNBLOCK, &set, nil)
    raise(signal)
  }
}

extension Signals {
  /// From now on SIGTERM and SIGINT end the process at once with exit status 0, also process 1 of a container, for
  /// which the kernel has no default action.
  ///
  /// The corresponding C functions are `signal` and `_exit`.
  static func endProcess() {
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGTERM, SIGINT] {
      signal(number) { _ in _exit(EXIT_SUCCESS) }
      sigaddset(&set, number)
    }
    sigprocmask(SIG_UNBLOCK, &set, nil)
  }
}
