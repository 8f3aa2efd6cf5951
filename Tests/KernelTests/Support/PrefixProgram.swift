import BPF
import CAegis
import Foundation
import Glibc
import Linux
import Testing

@testable import Aegis

/// A program that looks up the prefixes of many addresses in one run, in tables of its own.
final class PrefixProgram {
  private static let many = 1 << 16
  private static let run = 1024
  private static let size = many * 24 + 8

  private var programs: [BPFProgramBox] = []
  private let memory: UnsafeMutableRawPointer
  private let heads: MappedValues<aegis_prefix_head>
  private let outer: DescriptorArray
  private let lists: BPFMap<UInt32, aegis_list>

  private final class BPFProgramBox {
    let program: BPFProgram
    init(_ program: consuming BPFProgram) { self.program = program }
  }

  init() throws {
    var object = try BPFObject(
      Array(Data(base64Encoded: TestObjects.prefix) ?? Data()), name: "prefix")
    try object.load()
    for name in ["prefixes_v4", "prefixes_v6"] {
      programs.append(
        BPFProgramBox(BPFProgram(try object.programDescriptor(name), name: name)))
    }
    outer = DescriptorArray(
      try object.mapDescriptor(AEGIS_MAP_drop.name), named: AEGIS_MAP_drop.name)
    lists = try object.map(AEGIS_MAP_lists.name)
    memory = try Self.map(object.mapDescriptor("questions"), Self.size)
    heads = try MappedValues(
      object.mapDescriptor(AEGIS_MAP_drop_head.name), name: AEGIS_MAP_drop_head.name)
  }

  private static func map(
    _ descriptor: consuming FileDescriptor, _ size: Int
  ) throws -> UnsafeMutableRawPointer {
    let mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.rawValue, 0)
    return try #require(mapped == MAP_FAILED ? nil : mapped)
  }

  deinit {
    munmap(memory, Self.size)
  }

  /// Builds a table in a slot, which must not be in use.
  func install(
    _ list: PrefixItems, slot: UInt32 = 0, room: Int = 0, hasNear: Bool = true
  ) throws -> PrefixTable {
    let index = slot * 2 + (list.isIPv6 ? 1 : 0)
    let table = try PrefixTable.build(list, room: room) { bytes throws(AegisError) in
      try kernel { () throws(SystemError) in
        let array = try MappedInnerArray(
          named: "aegis_prefix", count: bytes / PrefixTable.elementSize,
          valueSize: PrefixTable.elementSize)
        return PrefixTable.Memory(elements: array.memory, owner: array)
      }
    }
    if !hasNear { table.head.pointee.near = 0 }
    let array = try #require(table.owner as? MappedInnerArray)
    try outer.put(array.map, at: index)
    heads.set(table.head.pointee, at: Int(index))
    table.tellAlways = { [heads] bit in
      var head = heads.value(at: Int(index))
      head.always |= bit
      heads.set(head, at: Int(index))
      return true
    }
    return table
  }

  func set(_ rows: [aegis_list]) throws {
    try lists.update(rows.enumerated().map { (key: UInt32($0), value: $1) })
  }

  /// AEGIS_FOUND for addresses that are aligned to the left.
  func found(_ addresses: [UInt128], isIPv6: Bool, slot: UInt32 = 0) throws -> [UInt64] {
    var found: [UInt64] = []
    found.reserveCapacity(addresses.count)
    memory.storeBytes(of: slot, toByteOffset: Self.many * 24, as: UInt32.self)
    let packet = [UInt8](repeating: 0, count: 64)
    for start in stride(from: 0, to: addresses.count, by: Self.many) {
      let count = min(Self.many, addresses.count - start)
      for place in 0..<count {
        memory.storeBytes(
          of: addresses[start + place].bigEndian, toByteOffset: place * 16, as: UInt128.self)
      }
      // The last run answers what is left over too: an address more than once would count twice.
      let runs = (count + Self.run - 1) / Self.run
      try #require(count == runs * Self.run, "a multiple of \(Self.run)")
      memory.storeBytes(of: 0, toByteOffset: Self.many * 24 + 4, as: UInt32.self)
      let result = try programs[isIPv6 ? 1 : 0].program.testRun(
        packet, repeat: Int32(runs), returningPacket: false)
      try #require(result.returnValue == 2)
      let answers = (memory + Self.many * 16).assumingMemoryBound(to: UInt64.self)
      found += UnsafeBufferPointer(start: answers, count: count)
    }
    return found
  }
}
