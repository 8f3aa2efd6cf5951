/// The format of sizes.
public enum ByteCount {
  private static let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

  /// Writes bytes in binary units with one decimal, rounded to the nearest: `18.9 MiB`, `512 B`.
  public static func format(_ bytes: UInt64) -> String {
    guard bytes >= 1024 else { return "\(bytes) B" }
    var tenths: UInt64 = 0
    var name = ""
    for (index, unit) in units.enumerated() {
      let size = UInt128(1) << (10 * (index + 1))
      tenths = UInt64((UInt128(bytes) * 10 + size / 2) / size)
      name = unit
      if tenths < 10240 { break }
    }
    return "\(tenths / 10).\(tenths % 10) \(name)"
  }
}
