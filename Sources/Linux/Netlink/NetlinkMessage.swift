/// One answer, without its header.
struct NetlinkMessage {
  let bytes: [UInt8]

  static func load<Value: BitwiseCopyable>(
    _ type: Value.Type, from bytes: ArraySlice<UInt8>
  ) -> Value? {
    guard bytes.count >= MemoryLayout<Value>.size else { return nil }
    return bytes.withUnsafeBytes { $0.loadUnaligned(as: type) }
  }

  /// The structure at its beginning; nil if the message is shorter.
  func structure<Value: BitwiseCopyable>(_ type: Value.Type) -> Value? {
    Self.load(type, from: bytes[...])
  }

  /// The attributes that follow a structure.
  func attributes<Value: BitwiseCopyable>(after _: Value.Type) -> NetlinkAttributes {
    Self.attributes(bytes.dropFirst((MemoryLayout<Value>.size + 3) & ~3))
  }

  static func attributes(_ bytes: ArraySlice<UInt8>) -> NetlinkAttributes {
    Dictionary(all(bytes)) { _, last in last }
  }

  /// The members of an array of attributes, which may all have the same type.
  static func elements(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    all(bytes).map(\.1)
  }

  private static func all(_ bytes: ArraySlice<UInt8>) -> [(CInt, ArraySlice<UInt8>)] {
    var all: [(CInt, ArraySlice<UInt8>)] = []
    var rest = bytes
    while let length = load(UInt16.self, from: rest).map(Int.init), length >= 4,
      length <= rest.count, let type = load(UInt16.self, from: rest.dropFirst(2))
    {
      // Without the flags for "nested" and "network byte order".
      all.append((CInt(type & 0x3fff), rest.prefix(length).dropFirst(4)))
      rest = rest.dropFirst((length + 3) & ~3)
    }
    return all
  }
}

/// The attributes of a netlink message, by number.
public typealias NetlinkAttributes = [CInt: ArraySlice<UInt8>]

extension NetlinkAttributes {
  /// An attribute as a number or another structure; nil if it is absent or shorter.
  public func value<Field: BitwiseCopyable>(_ type: CInt, _: Field.Type) -> Field? {
    self[type].flatMap { NetlinkMessage.load(Field.self, from: $0) }
  }
}
