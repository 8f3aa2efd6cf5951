import Glibc
import Testing

@testable import aegisctl

@Suite struct StandardOutputTests {
  /// More than a pipe holds, so that one `write` does not do.
  @Test func writesAllToAReaderThatIsSlow() async throws {
    let text = String(repeating: "0123456789\n", count: 30_000)
    let ends = try Pipe()
    _ = fcntl(ends.writing, F_SETFL, O_NONBLOCK)
    let reader = Task.detached { ends.readAll() }
    #expect(DescriptorWriter.write(text, to: ends.writing) == 0)
    close(ends.writing)
    #expect(await reader.value == Array(text.utf8))
    close(ends.reading)
  }

  @Test func tellsWhyItCannotWrite() {
    let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
    defer { close(full) }
    #expect(DescriptorWriter.write("x", to: full) == ENOSPC)
    #expect(DescriptorWriter.write("", to: full) == 0)
    #expect(DescriptorWriter.write("x", to: -1) == EBADF)
    #expect(
      "\(OutputError(errno: ENOSPC))"
        == "cannot write to standard output: No space left on device")
  }

  @Test func diesOfSIGPIPEWhenThatWasIgnored() async {
    await #expect(processExitsWith: .signal(SIGPIPE)) {
      let ends = try Pipe()
      close(ends.reading)
      dup2(ends.writing, STDOUT_FILENO)
      signal(SIGPIPE, SIG_IGN)
      try StandardOutput.write("nobody reads this")
    }
  }

  @Test func knowsATerminal() throws {
    let ends = try Pipe()
    defer { ends.close() }
    #expect(!Terminal.isTerminal(ends.writing))
    let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    defer { close(terminal) }
    #expect(Terminal.isTerminal(terminal))
  }
}
