internal import BPF
internal import CAegis
import Glibc

/// A table of prefixes of one family, in memory that the datapath may read meanwhile; see `bpf/abi/prefix.h`.
///
/// Only one thread of one process may change it at a time.
package final class PrefixTable: @unchecked Sendable {
  /// What a table lies in; freed or unmapped with it.
  package struct Memory {
    let elements: UnsafeMutableRawPointer
    let owner: AnyObject

    package init(elements: UnsafeMutableRawPointer, owner: AnyObject) {
      self.elements = elements
      self.owner = owner
    }
  }

  let isIPv6: Bool
  let elements: UnsafeMutableRawPointer
  /// Its first element.
  let head: UnsafeMutablePointer<aegis_prefix_head>
  let owner: AnyObject
  /// Sets a bit of `always` in the head that a datapath reads; false if that cannot be written.
  var tellAlways: (UInt64) -> Bool = { _ in true }
  /// Numbers of records that were looked for.
  private var numbers: [PrefixRecord: UInt32] = [.plain: 0]

  static let elementSize = MemoryLayout<aegis_prefix_element>.size

  /// A table that was built, or is about to be.
  init(isIPv6: Bool, in memory: Memory) {
    self.isIPv6 = isIPv6
    elements = memory.elements
    head = elements.assumingMemoryBound(to: aegis_prefix_head.self)
    owner = memory.owner
  }

  /// A copy of the head, which may outlive the table.
  var headValue: aegis_prefix_head { head.pointee }

  /// The entries.
  var count: Int { Int(head.pointee.count) }
  /// In bytes.
  var size: Int { Int(head.pointee.elements) * Self.elementSize }

  /// Whether it should be built anew before it gets more entries: it would be nearly full, or too much of the filter is
  /// of entries that are gone.
  func isWorn(adding new: Int = 1) -> Bool {
    let words = Int(head.pointee.lines) * Int(AEGIS_PREFIX_WORDS)
    return (count + new) * 100 > words * PrefixShape.greatestLoad
      || head.pointee.records_used == head.pointee.records_room
      || 4 * Int(head.pointee.removed) > max(count, 256)
  }

  /// Whether so many new entries are most of what the table will have, so that it is built anew and not changed.
  static func isMost(_ new: Int, besides table: PrefixTable?) -> Bool {
    new > max((table?.count ?? 0) / 2, 1024)
  }

  /// Entries that a table should have room for when it is built.
  ///
  /// - Parameter grows: Whether more entries come one after the other.
  static func room(for count: Int, grows: Bool) -> Int {
    min(count + 64 + (grows ? count / 2 : 0), PrefixShape.most)
  }

  /// Whether memory of this size holds what its head says.
  func isOf(bytes: Int) -> Bool {
    bytes >= Self.elementSize && size <= bytes
      && [head.pointee.records, head.pointee.buckets, head.pointee.filter].allSatisfy {
        $0 > 0 && $0 < head.pointee.elements
      }
  }
}

extension PrefixTable {
  /// The same entries in memory of this process.
  func copy() -> PrefixTable {
    let memory = Memory.heap(bytes: size)
    memory.elements.copyMemory(from: elements, byteCount: size)
    return PrefixTable(isIPv6: isIPv6, in: memory)
  }

  /// The longest of the prefixes that contain all of another one and decide, with the number of the list that does;
  /// nil if there is none.
  ///
  /// - Parameter lengths: Those to look for, the longest first.
  func decides(
    on whole: Prefix, at now: UInt64, _ rules: ListRules, among lengths: [Int]
  ) -> (prefix: Prefix, list: UInt16)? {
    for length in lengths where length <= whole.length {
      let prefix = Prefix(masking: whole.address, length: length)
      let decides = value(of: prefix)?.members.first { rules.isEnforced($0, at: now) }
      if let decides { return (prefix, decides.list) }
    }
    return nil
  }

  /// What lists have that contains an address, the longest first.
  func holders(
    of address: IPAddress, at now: UInt64, _ rules: ListRules, _ names: [UInt16: ListName]
  ) -> [ListHolding] {
    (0...address.width).reversed().flatMap { length -> [ListHolding] in
      let prefix = Prefix(masking: address, length: length)
      return (value(of: prefix)?.members ?? []).compactMap { member in
        guard let name = names[member.list], !rules.isExpired(member, at: now) else { return nil }
        return ListHolding(
          list: name, prefix: prefix, isEnforced: rules.isEnforced(member, at: now))
      }
    }
  }

  /// The lengths that there are, the longest first.
  var lengths: [Int] {
    var lengths: Set<UInt8> = []
    visit { item, _ in lengths.insert(item.length) }
    return lengths.sorted(by: >).map(Int.init)
  }
}

// Where things are.
extension PrefixTable {
  func element(_ number: UInt32) -> UnsafeMutableRawPointer {
    elements + Int(number) * Self.elementSize
  }

  func words(ofLine line: UInt32) -> UnsafeMutablePointer<UInt64> {
    (element(head.pointee.buckets) + Int(line) * (isIPv6 ? 64 : 128))
      .assumingMemoryBound(to: UInt64.self)
  }

  func entry(_ number: UInt32) -> UnsafeMutablePointer<aegis_prefix_entry> {
    element(head.pointee.entries).assumingMemoryBound(to: aegis_prefix_entry.self) + Int(number)
  }

  func record(_ number: UInt32) -> UnsafeMutablePointer<aegis_prefix_record> {
    element(head.pointee.records).assumingMemoryBound(to: aegis_prefix_record.self) + Int(number)
  }

  func blocks(_ line: UInt32) -> UnsafeMutablePointer<aegis_prefix_blocks> {
    element(head.pointee.blocks + line).assumingMemoryBound(to: aegis_prefix_blocks.self)
  }
}

// Records.
extension PrefixTable {
  /// What the lists say of an entry, by the number of its record.
  func members(of number: UInt32) -> PrefixMembers {
    if number == 0 { return [.plain] }
    var members: PrefixMembers = []
    var next = number
    while next != 0, next < head.pointee.records_room,
      members.count <= AEGIS_LISTS
    {
      var record = PrefixRecord(record(next).pointee)
      next = record.next
      record.next = 0
      members.append(record)
    }
    return members
  }

  /// The same of all numbers.
  var allMembers: [PrefixMembers] {
    (0..<head.pointee.records_used).map(members(of:))
  }

  /// The number of a record; nil if there is no room for a new one.
  func number(of record: PrefixRecord) -> UInt32? {
    if let number = numbers[record] { return number }
    // What another process wrote is not searched, except for the last one: a record more takes 32 bytes.
    let last = head.pointee.records_used - 1
    if PrefixRecord(self.record(last).pointee) == record {
      numbers[record] = last
      return last
    }
    let next = last + 1
    guard next < head.pointee.records_room else { return nil }
    self.record(next).pointee = record.abi
    head.pointee.records_used = next + 1
    numbers[record] = next
    return next
  }
}

/// What a prefix is looked for by.
struct PrefixKey {
  let high: UInt64
  let low: UInt64
  let whole: UInt32
  /// What is at the top of its word.
  let tag: UInt64
  let mixed: UInt64

  @inline(__always)
  init(_ item: PrefixItem, isIPv6: Bool, _ seed: (UInt64, UInt64)) {
    let length = UInt64(item.length)
    if !isIPv6 {
      high = aegis_prefix_key_v4(
        UInt32(truncatingIfNeeded: item.high >> 32), (1 as UInt64) << (32 - length))
      (low, whole, tag) = (0, 0, high)
      mixed = aegis_prefix_mix_v4(high, seed.0)
      return
    }
    if length == 0 {
      (high, low) = (1 << 63, 0)
    } else if length <= 64 {
      high = aegis_prefix_key_v6(item.high, (1 as UInt64) << (64 - length))
      low = length == 64 ? 1 << 63 : 0
    } else {
      high = item.high
      low = aegis_prefix_key_v6(item.low, (1 as UInt64) << (128 - length))
    }
    whole = length == 128 ? 1 : 0
    mixed = aegis_prefix_mix_v6(high, low, whole, seed.0, seed.1)
    tag = aegis_prefix_tag(mixed)
  }
}

extension PrefixTable.Memory {
  /// Memory of this process; all zero.
  package static func heap(bytes: Int) -> PrefixTable.Memory {
    let heap = PrefixHeap(bytes: bytes)
    return PrefixTable.Memory(elements: heap.memory, owner: heap)
  }
}

private final class PrefixHeap {
  let memory: UnsafeMutableRawPointer

  init(bytes: Int) {
    guard let memory = calloc(bytes, 1) else { preconditionFailure("no memory for \(bytes) bytes") }
    self.memory = memory
  }

  deinit { free(memory) }
}
