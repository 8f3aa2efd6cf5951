internal import CAegis

/// The nodes of `struct aegis_geo_node` for one family; see `bpf/abi/geo.h`.
struct GeoTrie: Sendable {
  /// Words of 32 bits in a node.
  static let width = MemoryLayout<aegis_geo_node>.size / 4
  /// Nodes that a table may have: 256 MiB.
  private static let most = 1 << 21

  private(set) var words: [UInt32]

  /// 0 if no address has a country.
  var count: Int { words.count / Self.width }
  var isEmpty: Bool { words.isEmpty }
  var memory: Int { words.count * 4 }

  init(_ steps: GeoSteps) throws(AegisError) {
    words = []
    if steps.isEmpty { return }
    words = [UInt32](repeating: 0, count: Int(AEGIS_GEO_ROOT) * Self.width)
    var (next, code) = (0, UInt16(0))
    for value in 0..<UInt32(AEGIS_GEO_ROOT) * UInt32(Self.width) {
      words[Int(value)] = try entry(
        at: UInt128(value) << 112, depth: 16, steps, from: &next, before: &code)
    }
  }

  /// The value of `struct aegis_geo_root` for each value of the first 16 bits.
  var root: [UInt16] {
    if isEmpty { return [UInt16](repeating: 1, count: 1 << 16) }
    return words.prefix(1 << 16).map { entry in
      entry >> AEGIS_GEO_KIND_SHIFT == AEGIS_GEO_CODE.rawValue ? UInt16(entry) + 1 : 0
    }
  }

  /// Builds what is below the addresses whose first `depth` bits are those of `start`.
  ///
  /// - Parameters:
  ///   - next: The first step at or after `start`; becomes the first after these addresses.
  ///   - code: The code before `start`; becomes that of the last of these addresses.
  private mutating func entry(
    at start: UInt128, depth: Int, _ steps: borrowing GeoSteps, from next: inout Int,
    before code: inout UInt16
  ) throws(AegisError) -> UInt32 {
    let last = start | (depth == 128 ? 0 : UInt128.max >> UInt128(depth))
    if next < steps.count, steps.starts[next] == start {
      code = steps.codes[next]
      next += 1
    }
    let first = next
    var bits: UInt128 = 0
    while next < steps.count, steps.starts[next] <= last {
      bits |= steps.starts[next]
      next += 1
      if next - first > 31 { break }
    }
    let count = next - first
    if count == 0 { return UInt32(code) }
    let fits = { (bits & (UInt128.max >> UInt128(depth + $0))) == 0 }
    if count <= 31, depth + 16 >= 128 || fits(16) {
      let node = try add(1)
      fillShort(node, steps, first..<next, depth, code)
      code = steps.codes[next - 1]
      return UInt32(node) | AEGIS_GEO_SHORT.rawValue << AEGIS_GEO_KIND_SHIFT
    }
    if count <= 11, depth + 63 >= 128 || fits(63) {
      let node = try add(1)
      fillLong(node, steps, first..<next, depth, code)
      code = steps.codes[next - 1]
      return UInt32(node) | AEGIS_GEO_LONG.rawValue << AEGIS_GEO_KIND_SHIFT
    }
    next = first
    let chunk = try add(Int(AEGIS_GEO_CHUNK_NODES))
    for octet in 0..<256 {
      words[chunk * Self.width + octet] = try entry(
        at: start | UInt128(octet) << UInt128(120 - depth), depth: depth + 8, steps, from: &next,
        before: &code)
    }
    return UInt32(chunk) | AEGIS_GEO_CHUNK.rawValue << AEGIS_GEO_KIND_SHIFT
  }

  /// Adds empty nodes and returns the number of the first.
  private mutating func add(_ nodes: Int) throws(AegisError) -> Int {
    let number = count
    guard number + nodes <= Self.most else {
      throw AegisError(.badInput, "the ranges are too many: they need more than 256 MiB")
    }
    words.append(contentsOf: repeatElement(0, count: nodes * Self.width))
    return number
  }

  private mutating func fillShort(
    _ node: Int, _ steps: borrowing GeoSteps, _ range: Range<Int>, _ depth: Int, _ code: UInt16
  ) {
    write(node, as: aegis_geo_short.self) { bytes in
      let halves = bytes.bindMemory(to: UInt16.self)
      halves[32] = code
      for place in 1..<32 {
        let index = min(range.lowerBound + place - 1, range.upperBound - 1)
        let isThere = place <= range.count
        halves[place] =
          isThere
          ? UInt16(truncatingIfNeeded: (steps.starts[index] << UInt128(depth)) >> 112) : .max
        halves[32 + place] = steps.codes[index]
      }
    }
  }

  private mutating func fillLong(
    _ node: Int, _ steps: borrowing GeoSteps, _ range: Range<Int>, _ depth: Int, _ code: UInt16
  ) {
    let codes = MemoryLayout.offset(of: \aegis_geo_long.code)!
    write(node, as: aegis_geo_long.self) { bytes in
      bytes.storeBytes(of: code, toByteOffset: codes, as: UInt16.self)
      for place in 1..<12 {
        let index = min(range.lowerBound + place - 1, range.upperBound - 1)
        let start =
          place <= range.count
          ? UInt64(truncatingIfNeeded: (steps.starts[index] << UInt128(depth)) >> 65)
          : UInt64(Int64.max)
        bytes.storeBytes(of: start, toByteOffset: place * 8, as: UInt64.self)
        bytes.storeBytes(of: steps.codes[index], toByteOffset: codes + place * 2, as: UInt16.self)
      }
    }
  }

  private mutating func write<Node>(
    _ node: Int, as _: Node.Type, _ body: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    words.withUnsafeMutableBytes { bytes in
      let start = node * Self.width * 4
      body(UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + Self.width * 4]))
    }
  }
}
