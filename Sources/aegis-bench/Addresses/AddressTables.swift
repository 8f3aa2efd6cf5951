import Aegis
import BPF
import CAegis
import Glibc
import Linux

/// A list in the table of the datapath, in the kernel's trie, and its hosts in the kernel's hash.
final class AddressTables {
  enum Structure: String, CaseIterable {
    case table = "Aegis"
    case trie = "LPM_TRIE"
    case hash = "HASH of the hosts"

    fileprivate var program: String {
      switch self {
      case .table: "prefixes"
      case .trie: "trie_prefixes"
      case .hash: "hash_prefixes"
      }
    }
  }

  struct Cost {
    let entries: Int
    let bytes: UInt64
    /// Processor time to fill it.
    let milliseconds: Double
  }

  static let questions = 1 << 16
  /// Questions that one run of a program answers.
  private static let run = 1024
  private static let size = questions * 24 + 8

  let list: AddressList
  private(set) var costs: [Structure: Cost] = [:]
  private let lab: Lab
  private let loop: ProgramUnderTest
  private var programs: [Structure: ProgramUnderTest] = [:]
  private let memory: UnsafeMutableRawPointer

  init(_ list: AddressList, in lab: Lab) throws {
    self.list = list
    self.lab = lab
    let family = list.kind.isIPv6 ? "v6" : "v4"
    var object = try BenchObjects.open(BenchObjects.addresses, name: "addresses")
    try object.setMaxEntries(UInt32(list.items.count), ofMap: "trie_\(family)")
    try object.setMaxEntries(UInt32(max(list.hosts.count, 1)), ofMap: "hash_\(family)")
    try object.load()
    loop = try ProgramUnderTest("loop", object.programDescriptor("no_prefixes"))
    for structure in Structure.allCases {
      programs[structure] = try ProgramUnderTest(
        structure.rawValue, object.programDescriptor("\(structure.program)_\(family)"))
    }
    memory = try Self.map(object, "questions", Self.size)
    KernelMemory.settle()
    costs[.table] = try Self.build(list, object)
    if list.kind.isIPv6 {
      try fill(
        BPFMap<aegis_prefix_v6, aegis_entry>(object.mapDescriptor("trie_v6"), name: "trie"),
        BPFMap<aegis_address, aegis_entry>(object.mapDescriptor("hash_v6"), name: "hash"),
        address: { unsafeBitCast($0.bigEndian, to: aegis_address.self) },
        prefix: { aegis_prefix_v6(length: $0, address: $1) })
    } else {
      try fill(
        BPFMap<aegis_prefix_v4, aegis_entry>(object.mapDescriptor("trie_v4"), name: "trie"),
        BPFMap<UInt32, aegis_entry>(object.mapDescriptor("hash_v4"), name: "hash"),
        address: { UInt32(truncatingIfNeeded: $0 >> 96).bigEndian },
        prefix: { aegis_prefix_v4(length: $0, address: $1) })
    }
  }

  deinit { munmap(memory, Self.size) }

  private static func map(
    _ object: borrowing BPFObject, _ name: String, _ size: Int
  ) throws -> UnsafeMutableRawPointer {
    let descriptor = try object.mapDescriptor(name)
    let mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.rawValue, 0)
    extendLifetime(descriptor)
    guard let mapped, mapped != MAP_FAILED else {
      throw SystemError(operation: "map", subject: name, errno: errno)
    }
    return mapped
  }
}

// What it takes to make them.
extension AddressTables {
  private static func build(_ list: AddressList, _ object: borrowing BPFObject) throws -> Cost {
    let index = list.kind.isIPv6 ? 1 : 0
    var items = PrefixItems(isIPv6: list.kind.isIPv6)
    items.items = list.items
    let elementSize = MemoryLayout<aegis_prefix_element>.size
    var made: MappedInnerArray?
    let start = ProgramUnderTest.processorTime()
    _ = try PrefixTable.build(items) { bytes throws(AegisError) in
      let array = try kernel { () throws(SystemError) in
        try MappedInnerArray(
          named: "addresses", count: bytes / elementSize, valueSize: elementSize)
      }
      made = array
      return PrefixTable.Memory(elements: array.memory, owner: array)
    }
    let time = ProgramUnderTest.processorTime() - start
    guard let made else { throw Shell.Failure(command: "build", output: "no table was made") }
    // The head is the first element.
    try BPFMap<UInt32, aegis_prefix_head>(
      object.mapDescriptor("drop_head"), name: "drop_head"
    ).update(made.memory.load(as: aegis_prefix_head.self), forKey: UInt32(index))
    try DescriptorArray(
      object.mapDescriptor("drop"), named: "drop"
    ).put(made.map, at: UInt32(index))
    return Cost(
      entries: list.items.count, bytes: made.map.memoryUsage(), milliseconds: Double(time) / 1e6)
  }

  private func fill<Address: BitwiseCopyable, Prefix: BitwiseCopyable>(
    _ trie: BPFMap<Prefix, aegis_entry>, _ hash: BPFMap<Address, aegis_entry>,
    address: (UInt128) -> Address, prefix: (UInt32, Address) -> Prefix
  ) throws {
    let before = KernelMemory.charged()
    let time = try Self.fill(trie, list.items.map { prefix(UInt32($0.length), address($0.bits)) })
    // What the kernel tells of a trie leaves out the nodes between prefixes.
    let charged = KernelMemory.charged().flatMap { now in before.map { now > $0 ? now - $0 : 0 } }
    costs[.trie] = Cost(
      entries: list.items.count, bytes: charged ?? trie.memoryUsage(), milliseconds: time)
    costs[.hash] = Cost(
      entries: list.hosts.count,
      bytes: hash.memoryUsage(),
      milliseconds: try Self.fill(hash, list.hosts.map { address($0.bits) }))
  }

  private static func fill<Key: BitwiseCopyable>(
    _ map: BPFMap<Key, aegis_entry>, _ keys: [Key]
  ) throws -> Double {
    let start = ProgramUnderTest.processorTime()
    let entry = aegis_entry()
    for key in keys { try map.update(entry, forKey: key) }
    return Double(ProgramUnderTest.processorTime() - start) / 1e6
  }
}

// Questions and answers.
extension AddressTables {
  /// Sets the addresses that are looked up next.
  func ask(_ sources: AddressList.Sources) throws {
    var misses: [UInt128] = []
    repeat {
      let addresses = list.addresses(Self.questions, sources)
      store(addresses)
      if sources.areListed { return }
      _ = try time(.trie)
      let missed = zip(addresses, answers()).filter { !$1 }.map(\.0)
      if missed.count < Self.questions / 16 { return }
      misses += missed
    } while misses.count < Self.questions
    store(misses.prefix(Self.questions))
  }

  private func store(_ addresses: some Collection<UInt128>) {
    for (place, address) in addresses.enumerated() {
      memory.storeBytes(of: address.bigEndian, toByteOffset: place * 16, as: UInt128.self)
    }
  }

  /// Whether each address was found by what was timed last.
  func answers() -> [Bool] {
    let found = (memory + Self.questions * 16).assumingMemoryBound(to: UInt64.self)
    return UnsafeBufferPointer(start: found, count: Self.questions).map {
      $0 & UInt64(AEGIS_FOUND) != 0
    }
  }

  /// ns to look up an address, with the loop; nil for the loop alone.
  func time(_ structure: Structure?) throws -> Double {
    let program = structure.flatMap { programs[$0] } ?? loop
    let packet = [UInt8](repeating: 0, count: 64)
    return try program.time(Self.questions / Self.run, on: packet, interface: lab.idle)
      / Double(Self.run)
  }
}
