internal import Glibc

/// What a host declares beside its policy: how much the datapath has room for, and where it is attached.
public struct HostDeclaration: Sendable, Equatable {
  public struct Interface: Sendable, Hashable, CustomStringConvertible {
    /// The longest alternative name that the kernel knows, without the NUL (ALTIFNAMSIZ).
    static let longestName = 127

    /// A name, or a pattern of fnmatch(3).
    public let name: String
    public let isPattern: Bool
    public let mode: AttachMode

    public init(name: String, isPattern: Bool = false, mode: AttachMode = .auto) {
      self.name = name
      self.isPattern = isPattern
      self.mode = mode
    }

    public var description: String { name }

    /// - Throws: Where no interface can have such a name, as in dev_valid_name() of the kernel.
    public static func check(name: String) throws(InputError) {
      if name.isEmpty || name == "." || name == ".." {
        throw InputError(name, "is not the name of an interface")
      }
      if name.utf8.count > longestName {
        throw InputError(name, "is longer than \(longestName) bytes")
      }
      if name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 <= UInt8(ascii: " ") }) {
        throw InputError(name, "has a slash, a blank or a control character")
      }
    }

    /// The corresponding C function is `fnmatch`.
    func matches(_ other: String) -> Bool {
      isPattern ? fnmatch(name, other, 0) == 0 : name == other
    }
  }

  /// What is absent stays as it is, or is the default when the datapath is loaded.
  public var capacities = Loader.Request()
  /// nil if the document does not manage them.
  public var interfaces: [Interface]?

  public init() {}
}
