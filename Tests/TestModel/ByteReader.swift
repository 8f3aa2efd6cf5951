/// Why a packet cannot be read.
enum Unreadable: Error {
  case malformed
  case tooManyExtensions
  case tooManyTags
}

/// Bytes read once, from the front; what is not there is malformed.
struct ByteReader {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  var count: Int { rest.count }

  /// Of what is read next, in the whole frame.
  var offset: Int { rest.startIndex }

  mutating func take(_ count: Int) throws(Unreadable) -> ByteReader {
    guard count >= 0, count <= rest.count else { throw .malformed }
    let taken = rest.prefix(count)
    rest = rest.dropFirst(count)
    return ByteReader(taken)
  }

  mutating func skip(_ count: Int) throws(Unreadable) {
    _ = try take(count)
  }

  /// An integer in network order, of as many bytes as its type unless told otherwise.
  mutating func read<Value: FixedWidthInteger & UnsignedInteger>(
    _ type: Value.Type, bytes: Int = Value.bitWidth / 8
  ) throws(Unreadable) -> Value {
    try take(bytes).rest.reduce(0) { $0 << 8 | Value($1) }
  }
}
