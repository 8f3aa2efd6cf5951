/// A file that says which CPUs do something.
struct CPUSetting: Sendable, Equatable {
  enum Form: Sendable, Equatable {
    /// `2-5`
    case list
    /// `3c`
    case mask
  }

  /// The object of the setting: `interrupt 24 (eth0-rx-0)`, `receive queue 0`.
  let subject: String
  let path: String
  let form: Form
  /// The contents of the file, without the newline.
  let text: String
  /// The queue of the interface; nil for an interrupt that does not belong to one queue.
  let queue: Int?

  /// Empty if the file is empty or cannot be parsed.
  var cpus: CPUList {
    switch form {
    case .list: CPUList(parsing: text[...]) ?? CPUList()
    case .mask: CPUList(mask: text[...]) ?? CPUList()
    }
  }

  func text(for cpus: CPUList) -> String {
    switch form {
    case .list: "\(cpus)"
    case .mask: cpus.mask
    }
  }
}
