import Aegis
import Foundation
import Glibc
import TestSupport
import Testing

@testable import aegisctl

/// Where captures are written to, and what happens.
@Suite struct PcapngFileTests {
  private static func packet(_ length: Int = 119) -> PcapngPacket {
    PcapngPacket(
      time: 1, bytes: [UInt8](repeating: 1, count: length), originalLength: length,
      interface: "eth0")
  }

  /// Without a packet too, if an interface is named.
  @Test func whatIsFlushedIsComplete() throws {
    try TemporaryDirectory.with { directory in
      let path = "\(directory.path)/x.pcapng"
      var writer = try PcapngWriter(path, interfaces: ["eth0", "eth0"])
      #expect(CaptureReader.all(path).frames.isEmpty && CaptureReader.all(path).error == nil)
      try writer.write(Self.packet())
      #expect(CaptureReader.all(path).frames.isEmpty && CaptureReader.all(path).error == nil)
      try writer.flush()
      #expect(CaptureReader.all(path).frames.count == 1)
      // Many are written before they are asked for, and never a part of one.
      for _ in 0..<2000 { try writer.write(Self.packet(200)) }
      let (frames, error) = CaptureReader.all(path)
      #expect(frames.count > 500 && error == nil)
      try writer.flush()
      #expect(CaptureReader.all(path).frames.count == 2001)
    }
  }

  @Test func whatThereWasIsReplacedBehindALink() throws {
    try TemporaryDirectory.with { directory in
      let path = try directory.file("old", [UInt8](repeating: 0, count: 10_000))
      let link = "\(directory.path)/link"
      #expect(chmod(path, 0o640) == 0 && symlink(path, link) == 0)
      do {
        var writer = try PcapngWriter(link)
        try writer.write(Self.packet())
      }
      // The end of a writer writes too.
      #expect(CaptureReader.all(path).frames.count == 1 && CaptureReader.all(path).error == nil)
      var status = stat()
      #expect(lstat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
      _ = try PcapngWriter("\(directory.path)/new")
      #expect(stat("\(directory.path)/new", &status) == 0 && status.st_mode & 0o777 == 0o600)
    }
  }

  @Test func whatCannotBeWrittenIsNamed() throws {
    try TemporaryDirectory.with { directory in
      for (path, problem) in [
        (directory.path, "Is a directory"), ("\(directory.path)/no/x", "No such file"),
        ("/dev/full", "No space left on device"),
      ] {
        do throws(AegisError) {
          _ = try PcapngWriter(path)
          Issue.record("\(path) was written")
        } catch {
          #expect(error.kind == .failed)
          #expect(error.message.hasPrefix("cannot write to \(path): \(problem)"))
        }
      }
    }
  }

  /// A full disk leaves what was written before, and then nothing more is written.
  @Test func aFullDiskLeavesWholePackets() async {
    await #expect(processExitsWith: .success) {
      try TemporaryDirectory.with { directory in
        let path = "\(directory.path)/x.pcapng"
        var writer = try PcapngWriter(path, interfaces: ["eth0"])
        try writer.write(Self.packet())
        try writer.flush()
        var status = stat()
        #expect(stat(path, &status) == 0)
        let whole = status.st_size
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: UInt(whole) + 100, rlim_max: .max)
        #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
        try writer.write(Self.packet())
        for _ in 0..<2 {
          do throws(AegisError) {
            try writer.flush()
            Issue.record("beyond the limit")
          } catch {
            #expect(error.message == "cannot write to \(path): File too large")
          }
        }
        #expect(stat(path, &status) == 0 && status.st_size == whole)
        let (frames, error) = CaptureReader.all(path)
        #expect(frames.count == 1 && error == nil)
      }
    }
  }

  @Test func standardOutputIsWrittenAndLeftOpen() async {
    await #expect(processExitsWith: .success) {
      let ends = try Pipe()
      dup2(ends.writing, STDOUT_FILENO)
      do {
        var writer = try PcapngWriter("-")
        try writer.write(Self.packet())
        try writer.flush()
      }
      close(ends.writing)
      #expect(close(STDOUT_FILENO) == 0)
      try TemporaryDirectory.with { directory in
        let (frames, error) = CaptureReader.all(try directory.file("x", ends.readAll()))
        #expect(frames.count == 1 && error == nil)
      }
    }
  }

  @Test func diesOfSIGPIPEOnStandardOutput() async {
    await #expect(processExitsWith: .signal(SIGPIPE)) {
      let ends = try Pipe()
      close(ends.reading)
      dup2(ends.writing, STDOUT_FILENO)
      signal(SIGPIPE, SIG_IGN)
      _ = try PcapngWriter("-")
    }
  }
}
