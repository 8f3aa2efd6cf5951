internal import Glibc
internal import Linux

extension SystemError {
  var isPermission: Bool { errno == EPERM || errno == EACCES }
  var isAbsence: Bool { errno == ENOENT || errno == ENOTDIR }
  var isReadOnly: Bool { errno == EROFS }
  var isFull: Bool { errno == E2BIG || errno == ENOSPC }

  /// The last line of the log that has content: the verifier's message is at the end.
  var lastLine: String? {
    log.split(separator: "\n")
      .last {
        !$0.hasPrefix("processed ") && !$0.hasPrefix("-- ") && !$0.hasPrefix("libbpf: failed")
      }
      .map(String.init)
  }
}
