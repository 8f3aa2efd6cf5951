/// The payload after the header of a request.
struct NetlinkPayload {
  var bytes: [UInt8] = []

  mutating func append<Value: BitwiseCopyable>(_ value: Value) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  mutating func append(attribute type: CInt, _ value: [UInt8]) {
    append(UInt16(MemoryLayout<UInt32>.size + value.count))
    append(UInt16(truncatingIfNeeded: type))
    bytes += value
    bytes += [UInt8](repeating: 0, count: -value.count & 3)
  }
}
