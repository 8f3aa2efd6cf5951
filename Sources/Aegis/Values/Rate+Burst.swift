extension Rate {
  /// The size in bytes of the largest standard Ethernet frame, without its checksum. A bucket with a smaller depth lets
  /// such a frame pass only while its source owes nothing.
  public static let fullFrame: UInt32 = 1514

  /// Reads a burst for a rate of that unit: packets, `200`, `10k`, or bytes, `65536`, `64kB`, `1MB`.
  ///
  /// - Throws: `InputError` for other text, and for a unit that is not the rate's.
  static func burst(_ text: some StringProtocol, of unit: Unit) throws(InputError) -> UInt32 {
    let hint = unit == .packets ? "packets: 200, 10k" : "bytes: 65536, 64kB, 1MB"
    let digits = Substring(String(text)).utf8.prefix {
      $0.asDigit != nil || $0 == UInt8(ascii: ".")
    }
    let suffix = Substring(String(text))[digits.endIndex...]
    guard let (written, decimals) = Unit.named(suffix), !digits.isEmpty else {
      throw InputError(text, "is not a burst", hint: hint)
    }
    let isPlain = suffix.isEmpty
    switch (unit, written) {
    case (.packets, .packets), (.bits, .bytes), (.bytes, .bytes): break
    case (.bits, .packets), (.bytes, .packets):
      if !isPlain { throw InputError(text, "is not a number of bytes", hint: hint) }
    case (.packets, _): throw InputError(text, "is not a number of packets", hint: hint)
    case (_, .bits): throw InputError(text, "is in bits, a burst is in bytes", hint: hint)
    }
    let counted = unit == .packets ? unit : .bytes
    let number = try amount(Substring(digits), decimals, counted, of: text)
    guard number > 0 else { throw InputError(text, "is not a burst: it is at least 1") }
    guard let burst = UInt32(exactly: number) else {
      throw InputError(text, "is more than \(UInt32.max)")
    }
    return burst
  }

  /// - Parameter burst: In an operator's notation; nil means `defaultBurst`.
  /// - Throws: As the other initializer, and for a burst of bytes that is less than a full frame.
  public init(_ text: some StringProtocol, writtenBurst burst: String?) throws(InputError) {
    try self.init(text)
    guard let burst else { return }
    self.burst = try Self.burst(burst, of: unit)
    try checkFrame(cpus: 1)
  }

  /// Whether every bucket lets a full frame pass.
  func checkFrame(cpus: Int) throws(InputError) {
    if unit == .packets { return }
    let share = algorithm == .perCPU ? UInt64(max(1, cpus)) : 1
    if algorithm == .fixedWindow {
      guard amount / (unit == .bits ? 8 : 1) < UInt64(Self.fullFrame) else { return }
      throw InputError(
        "\(self)", "would let no frame of \(Self.fullFrame) bytes pass in its window",
        hint: "give a longer period, or use --algorithm token-bucket")
    }
    guard UInt64(effectiveBurst) < UInt64(Self.fullFrame) * share else { return }
    let holder = share == 1 ? "" : " on each of \(share) CPUs"
    throw InputError(
      "\(effectiveBurst)",
      "is a burst that would let no frame of \(Self.fullFrame) bytes pass\(holder)",
      hint: "a burst is at least \(UInt64(Self.fullFrame) * share) bytes, a full Ethernet frame")
  }
}
