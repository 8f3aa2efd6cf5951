import Glibc

/// The signals that a watch lives with, taken one by one between its looks.
struct Signals {
  private static let taken = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH]
  private var set = sigset_t()

  /// From here on they wait to be taken.
  ///
  /// The corresponding C function is `sigprocmask`.
  init() {
    sigemptyset(&set)
    for signal in Self.taken { sigaddset(&set, signal) }
    sigprocmask(SIG_BLOCK, &set, nil)
  }

  /// The next signal, or nil if none came until then.
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

  /// What the shell does with it, with this process alone. Returns once it may go on.
  func stop() { kill(getpid(), SIGSTOP) }

  /// Dies as one does of a signal that is not caught.
  func die(of signal: CInt) {
    Glibc.signal(signal, SIG_DFL)
    var set = set
    sigprocmask(SIG_UNBLOCK, &set, nil)
    raise(signal)
  }
}
