/// A file that says which CPUs do something.
struct CPUSetting: Sendable, Equatable {
  enum Form: Sendable, Equatable {
    /// `2-5`
    case list
    /// `3c`
    case mask
  }

  /// What it is of: `interrupt 24 (eth0-rx-0)`, `receive queue 0`.
  let subject: String
  let path: String
  let form: Form
  /// As the file had it, without its newline.
  let text: String
  /// Of the interface; nil for an interrupt that serves none in particular.
  let queue: Int?

  /// Empty if that is what the file says, or if it says nothing that is known.
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
