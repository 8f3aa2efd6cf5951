import Linux

/// A command that loads a list into the kernel, which has nothing of it yet.
struct BulkLoader {
  struct Result {
    let process: MeasuredCommand
    /// What the list takes in the kernel, in bytes; nil if that is not known.
    let kernelMemory: UInt64?
  }

  let name: String
  let list: String
  let command: [String]
  let prepare: () throws -> Void
  /// Bytes in the kernel, with the list and without it.
  var memory: () throws -> UInt64? = { nil }
  let clear: () throws -> Void

  func run() throws -> Result {
    try prepare()
    let before = try memory()
    let process = try MeasuredCommand(command)
    let after = try memory()
    try clear()
    return Result(
      process: process, kernelMemory: after.map { $0 - min($0, before ?? 0) })
  }
}

/// An instance with room for a list.
struct BulkAegis {
  let tool: String
  let root: String

  func hosts(_ lists: BulkLists) -> BulkLoader { loader("hosts", lists.hosts, lists.count) }

  func prefixes(_ lists: BulkLists) -> BulkLoader {
    loader("mixed prefixes", lists.prefixes, lists.count)
  }

  private func loader(_ list: String, _ file: String, _ count: Int) -> BulkLoader {
    BulkLoader(
      name: "aegisctl drop-ip -f", list: list,
      command: [tool, "drop-ip", "-q", "-f", file, "--pin-root", root],
      prepare: { try load(count) }, memory: memory, clear: unload)
  }

  func load(_ count: Int) throws {
    try call(["load", "-q", "--max-drops", "\(count + 1000)"])
  }

  private func memory() throws -> UInt64? {
    let text = try Shell.run("\(tool) metrics --pin-root \(root)")
    let line = text.split(separator: "\n").first { $0.hasPrefix("aegis_memory_bytes ") }
    return line.flatMap { Double($0.split(separator: " ")[1]) }.map { UInt64($0) }
  }

  func unload() { try? call(["unload", "--force", "-q"]) }

  func call(_ arguments: [String]) throws {
    let status = try ChildProcess.run([tool] + arguments + ["--pin-root", root])
    if status != 0 { throw Shell.Failure(command: arguments[0], output: "status \(status)") }
  }
}
