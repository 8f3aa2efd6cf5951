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
    /// nil if the document does not manage it.
    public let profile: ProfileName?

    public init(
      name: String, isPattern: Bool = false, mode: AttachMode = .auto,
      directions: Directions = .in, wire: WireOptions? = nil, profile: ProfileName? = nil
    ) {
      self.name = name
      self.isPattern = isPattern
      self.mode = mode
      self.directions = directions
      self.wire = wire
      self.profile = profile
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

  public struct Relay: Sendable, Equatable {
    /// Where clients send to; empty to switch the relay off.
    public let listen: [RelayEndpoint]
    /// The ports of users; nil only to switch it off.
    public let ports: ClosedRange<UInt16>?
    /// nil for the keys that are in force.
    public let keyFile: String?
    /// The interfaces that are prepared for it; nil for those that are now.
    public let forward: [String]?

    public init(
      listen: [RelayEndpoint], ports: ClosedRange<UInt16>?, keyFile: String? = nil,
      forward: [String]? = nil
    ) {
      self.listen = listen
      self.ports = ports
      self.keyFile = keyFile
      self.forward = forward
    }

    /// Reads the key file.
    ///
    /// - Parameter present: What is in force; nil if the relay is off.
    /// - Returns: nil to switch it off.
    /// - Throws: `badInput` if there are no keys, and as `RelayKeyFile.read`.
    public func settings(replacing present: RelaySettings?) throws(AegisError) -> RelaySettings? {
      guard let ports else { return nil }
      let keys = try keyFile.map(RelayKeyFile.read) ?? present?.keys
      guard let keys else {
        throw AegisError(
          .badInput, "the relay is off, and its declaration names no keyFile",
          hint: "make a file, and name it in relay: \(RelayKeyFile.recipe)")
      }
      return RelaySettings(listen: listen, ports: ports, keys: keys)
    }
  }

  /// The operator's own program.
  public struct Hook: Sendable, Equatable {
    /// The absolute path of the object; nil for no program.
    public let object: String?
    /// nil for the only one in the object.
    public let program: String?
    public let onMissing: Aegis.Hook.Missing

    public init(object: String?, program: String? = nil, onMissing: Aegis.Hook.Missing = .pass) {
      self.object = object
      self.program = program
      self.onMissing = onMissing
    }
  }

  /// An absent capacity is not changed; when the datapath is loaded, it gets its default.
  public var capacities = Loader.Request()
  /// nil if the document does not manage them.
  public var interfaces: [Interface]?
  /// Files with the countries of addresses; nil if the document does not manage them, and empty for none.
  public var geo: [String]?
  /// nil if the document does not manage it.
  public var relay: Relay?
  /// nil if the document does not manage it.
  public var hook: Hook?

  public init() {}
}
