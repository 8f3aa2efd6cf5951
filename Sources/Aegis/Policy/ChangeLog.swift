internal import BPF
internal import CAegis
internal import Linux

/// A change that somebody made.
public struct LoggedChange: Sendable {
  /// From 1, of the instance.
  public internal(set) var number: UInt64 = 0
  public var time: WallTime
  public var user: UInt32
  /// Who logged in, whatever `su` or `sudo` did since; nil if nobody did.
  public var loginUser: UInt32?
  /// The address of the SSH client; empty if there is none.
  public var origin: String
  /// At most 311 bytes are kept.
  public var command: String
  /// At most 127 bytes are kept.
  public var message: String

  public init(
    time: WallTime, user: UInt32, loginUser: UInt32?, origin: String, command: String,
    message: String
  ) {
    self.time = time
    self.user = user
    self.loginUser = loginUser
    self.origin = origin
    self.command = command
    self.message = message
  }
}

/// The last changes of an instance, in a ring that its generations share.
public struct ChangeLog: Sendable {
  private let map: BPFMap<UInt32, aegis_change>
  private static let none = UInt32.max

  public init(_ datapath: Datapath) throws(AegisError) {
    map = try datapath.map(AEGIS_MAP_changes)
  }

  /// The caller holds the session, so that nobody else writes.
  public func append(_ change: LoggedChange) throws(AegisError) {
    try kernel { () throws(SystemError) in
      var head = try map.value(forKey: 0) ?? aegis_change()
      head.number += 1
      var value = aegis_change()
      value.number = head.number
      value.time = UInt64(max(0, change.time.milliseconds))
      value.user = change.user
      value.login_user = change.loginUser ?? Self.none
      CText.write(change.origin, to: &value.origin)
      CText.write(change.command, to: &value.command)
      CText.write(change.message, to: &value.message)
      try map.update(value, forKey: Self.key(head.number))
      try map.update(head, forKey: 0)
    }
  }

  /// The oldest first.
  public func all() throws(AegisError) -> [LoggedChange] {
    try kernel { () throws(SystemError) in
      let newest = try map.value(forKey: 0)?.number ?? 0
      let oldest = newest > UInt64(AEGIS_CHANGES) ? newest - UInt64(AEGIS_CHANGES) + 1 : 1
      var changes: [LoggedChange] = []
      for number in oldest..<newest + 1 {
        // One that is being overwritten is another by now.
        guard let value = try map.value(forKey: Self.key(number)), value.number == number else {
          continue
        }
        changes.append(LoggedChange(value))
      }
      return changes
    }
  }

  private static func key(_ number: UInt64) -> UInt32 {
    1 + UInt32(number % UInt64(AEGIS_CHANGES))
  }
}

extension LoggedChange {
  fileprivate init(_ value: aegis_change) {
    number = value.number
    time = WallTime(milliseconds: Int64(clamping: value.time))
    user = value.user
    loginUser = value.login_user == .max ? nil : value.login_user
    origin = CText.read(value.origin)
    command = CText.read(value.command)
    message = CText.read(value.message)
  }
}
