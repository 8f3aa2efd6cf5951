internal import Glibc

/// What a host declares besides its policy: the capacities of the datapath, and where it is attached.
public struct HostDeclaration: Sendable, Equatable {
  public struct Interface: Sendable, Hashable, CustomStringConvertible {
    /// The length of the longest alternative name that the kernel accepts, without the NUL (ALTIFNAMSIZ).
    static let longestName = 127

    /// A name, or a pattern of fnmatch(3).
    public let name: String
    public let isPattern: Bool
    /// For what comes in.
    public let mode: AttachMode
    public let directions: Directions
    /// The other port, if it is a port of a wire.
    public let wire: WireOptions?

    public init(
      name: String, isPattern: Bool = false, mode: AttachMode = .auto,
      directions: Directions = .in, wire: WireOptions? = nil
    ) {
      self.name = name
      self.isPattern = isPattern
      self.mode = mode
      self.directions = directions
      self.wire = wire
    }

    public var description: String { name }

    /// - Throws: If no interface can have this name, as in dev_valid_name() of the kernel.
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

  /// An absent capacity is not changed; when the datapath is loaded, it gets its default.
  public var capacities = Loader.Request()
  /// nil if the document does not manage them.
  public var interfaces: [Interface]?
  /// Files with the countries of addresses; nil if the document does not manage them, and empty for none.
  public var geo: [String]?

  public init() {}
}
