import BPF
import CBench

/// Times programs on packets that never came over a wire.
struct Stopwatch {
  let lab: Lab
  /// The intended duration of a sample in ns.
  let duration: Double

  /// The time per packet in ns. A program for XDP is attached meanwhile, alone in the dispatcher.
  func time(_ subject: ProgramUnderTest, on frame: [UInt8]) throws -> Double {
    guard subject.hook.isXDP else { return try sample(subject, on: frame) }
    let link = try BPFLink(attaching: subject.program, to: lab.idle, mode: .native)
    defer { extendLifetime(link) }
    return try sample(subject, on: frame)
  }

  private func sample(_ subject: ProgramUnderTest, on frame: [UInt8]) throws -> Double {
    let guess = try subject.time(10_000, on: frame, interface: lab.idle)
    let count = Int(min(max(duration / max(guess, 1), 10_000), 100_000_000))
    return try subject.time(count, on: frame, interface: lab.idle)
  }
}
