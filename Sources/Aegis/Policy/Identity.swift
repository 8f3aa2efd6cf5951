/// Whether two C structs are the same byte for byte; their padding is explicit and zero.
func isIdentical<Value: BitwiseCopyable>(_ one: Value, _ other: Value) -> Bool {
  withUnsafeBytes(of: one) { bytes in
    withUnsafeBytes(of: other) { bytes.elementsEqual($0) }
  }
}
