import CLibBPF
import Glibc
public import Linux
import Synchronization

/// Messages of libbpf: kept out of standard error, and collected on request.
public enum LibBPFLog {
  private struct Sink {
    var debug: Bool
    var text = ""
  }

  /// By thread, since libbpf calls back on the calling thread and provides no other context.
  private static let sinks = Mutex<[pthread_t: Sink]>([:])

  private static let installed: Void = {
    _ = libbpf_set_print { level, format, arguments in
      LibBPFLog.receive(level, format, arguments)
    }
  }()

  /// Runs `body` and returns its result with libbpf's messages on this thread.
  ///
  /// - Parameters:
  ///   - debug: Whether to collect libbpf's debug lines as well.
  /// - Throws: The error of `body`; its log is the collected messages, unless it already has a log.
  ///
  /// The corresponding C function is `libbpf_set_print`.
  public static func capture<Result>(
    debug: Bool = false, _ body: () throws(SystemError) -> Result
  ) throws(SystemError) -> (Result, String) {
    let outer = begin(debug: debug)
    do {
      let result = try body()
      return (result, end(restoring: outer))
    } catch {
      let text = end(restoring: outer)
      guard error.log.isEmpty else { throw error }
      throw error.with(log: text)
    }
  }

  static func collect<Result>(_ body: () -> Result) -> (Result, String) {
    let outer = begin(debug: false)
    let result = body()
    return (result, end(restoring: outer))
  }

  private static func begin(debug: Bool) -> Sink? {
    installed
    return sinks.withLock { sinks in
      let outer = sinks[pthread_self()]
      sinks[pthread_self()] = Sink(debug: debug || outer?.debug == true)
      return outer
    }
  }

  private static func end(restoring outer: Sink?) -> String {
    sinks.withLock { sinks in
      let text = sinks[pthread_self()]?.text ?? ""
      sinks[pthread_self()] = outer.map { Sink(debug: $0.debug, text: $0.text + text) }
      return text
    }
  }

  private static func receive(
    _ level: libbpf_print_level, _ format: UnsafePointer<CChar>?, _ arguments: CVaListPointer?
  ) -> CInt {
    guard let format, let arguments else { return 0 }
    return sinks.withLock { sinks in
      guard let sink = sinks[pthread_self()], sink.debug || level != LIBBPF_DEBUG else { return 0 }
      var line: UnsafeMutablePointer<CChar>?
      let length = vasprintf(&line, format, arguments)
      guard length >= 0, let line else { return 0 }
      defer { free(line) }
      sinks[pthread_self()]?.text += String(cString: line)
      return length
    }
  }
}
