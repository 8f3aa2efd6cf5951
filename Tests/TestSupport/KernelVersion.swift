internal import Glibc

/// The version of the running kernel, as far as tests depend on it.
public struct KernelVersion: Comparable, Sendable {
  let major: Int
  let minor: Int

  public init(_ major: Int, _ minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// That of `uname`; 0.0 if it cannot be told.
  public static let running: KernelVersion = {
    var name = utsname()
    uname(&name)
    let release = withUnsafeBytes(of: name.release) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
    return numbers.count == 2 ? KernelVersion(numbers[0], numbers[1]) : KernelVersion(0, 0)
  }()

  public static func < (left: Self, right: Self) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }
}
