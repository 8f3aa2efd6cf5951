import Aegis

/// A change of the log, for programs.
struct ChangeObject: Encodable {
  /// From 1, of the instance.
  let number: UInt64
  /// RFC 3339.
  let time: String
  let user: UInt32
  /// Of the audit session; absent without one.
  let loginUser: UInt32?
  /// Of the SSH client; absent without one.
  let from: String?
  let command: String
  let message: String?

  init(_ change: LoggedChange) {
    number = change.number
    time = "\(change.time)"
    user = change.user
    loginUser = change.loginUser
    from = change.origin.isEmpty ? nil : change.origin
    command = change.command
    message = change.message.isEmpty ? nil : change.message
  }
}
