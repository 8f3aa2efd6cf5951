/// A value as it lies in memory, which is what a BPF map takes for a key.
func octets<Value>(of value: Value) -> [UInt8] {
  withUnsafeBytes(of: value) { Array($0) }
}

/// The octets of an IPv4 address and the zeros that fill an `aegis_address`.
func padded(_ octets: [UInt8]) -> [UInt8] {
  octets + Array(repeating: 0, count: 16 - octets.count)
}
