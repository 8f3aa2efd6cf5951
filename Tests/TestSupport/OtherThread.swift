internal import Foundation

/// A thread of its own, for what changes the thread it runs on: setns above all.
enum OtherThread {
  private final class Box<Value>: @unchecked Sendable {
    var result: Result<Value, any Error>?
  }

  static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
    let box = Box<Value>()
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      box.result = Result { try body() }
      done.signal()
    }
    thread.start()
    done.wait()
    // The thread may hold the box a while longer, and with it a socket that is to be closed.
    let result = box.result!
    box.result = nil
    return try result.get()
  }
}
