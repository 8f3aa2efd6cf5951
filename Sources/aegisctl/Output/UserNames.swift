import Linux

/// The names of users by `/etc/passwd` alone: a static binary has no other name services.
struct UserNames {
  private var names: [UInt32: String] = [:]

  /// - Parameter text: The contents of `/etc/passwd`; of two names for a user, the first counts.
  init(_ text: String) {
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count > 2, !fields[0].isEmpty, let user = UInt32(fields[2]) else { continue }
      if names[user] == nil { names[user] = String(fields[0]) }
    }
  }

  static func ofHost() -> UserNames {
    UserNames((try? SystemFiles().read("/etc/passwd")) ?? "")
  }

  /// The number of a user without a name.
  subscript(user: UInt32) -> String { names[user] ?? "\(user)" }
}
