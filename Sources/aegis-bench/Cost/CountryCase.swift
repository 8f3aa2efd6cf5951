import Aegis
import BPF
import CAegis
import FoundationEssentials
import Glibc
import Linux

/// Looks up countries of many addresses, by the table of the datapath and by the kernel's trie of prefixes.
final class CountryCase {
  static let files = ["/usr/share/tor/geoip", "/usr/share/tor/geoip6"]
  private static let questions = 1 << 16
  private static let run = 1024
  private static let size = questions * 16 + 8 + questions * 4

  enum Subject: String, CaseIterable {
    case nothing = "no_countries"
    case table = "countries"
    case trie = "trie_countries"
  }

  /// The kind of addresses that are looked up.
  enum Sources: String, CaseIterable {
    case random
    case listed = "in a random range"
  }

  private struct Ranges {
    var first: [UInt128] = []
    var last: [UInt128] = []
    var code: [UInt32] = []
  }

  private var ranges: [Ranges] = []
  private final class Held {
    let program: BPFProgram

    init(_ program: consuming BPFProgram) { self.program = program }
  }

  private var programs: [Subject: Held] = [:]
  private let memory: UnsafeMutableRawPointer
  private let root: PinRoot
  /// CPU seconds for reading the files, and for loading the table.
  private(set) var reading = 0.0
  private(set) var loading = 0.0
  private(set) var tableBytes: [UInt64] = []
  private(set) var trieSeconds: [Double] = []
  private(set) var trieBytes: [UInt64] = []
  private(set) var prefixes: [Int] = []

  /// nil without tor-geoipdb.
  init?(in lab: Lab) throws {
    guard Self.files.allSatisfy({ access($0, R_OK) == 0 }) else { return nil }
    let root = PinRoot(lab.pinPath())
    self.root = root
    _ = try Loader(root).load(
      Loader.Request(), replace: false,
      in: Session.create(at: root, timeout: .seconds(5), dryRun: false))
    var object = try BenchObjects.open(BenchObjects.country, name: "country")
    for name in ["config", "geo"] {
      try object.reuse(
        AnyBPFMap(pinnedAt: root.path + "/current/" + name).descriptor, forMap: name)
    }
    try object.load()
    for subject in Subject.allCases {
      programs[subject] = Held(
        BPFProgram(try object.programDescriptor(subject.rawValue), name: subject.rawValue))
    }
    let questions = try object.mapDescriptor("questions")
    let mapped = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, questions.rawValue, 0)
    extendLifetime(questions)
    guard let mapped, mapped != MAP_FAILED else {
      throw SystemError(operation: "map", subject: "questions", errno: errno)
    }
    memory = mapped

    let start = Self.cpu()
    let table = try GeoTable(GeoFile.read(Self.files))
    reading = Self.cpu() - start
    let session = try Session(at: root, timeout: .seconds(5))
    try GeoStore(Datapath(at: root)).replace(with: table, in: session)
    loading = Self.cpu() - start - reading
    for family in ["0v4", "0v6"] {
      tableBytes.append(try AnyBPFMap(pinnedAt: root.path + "/geo/" + family).memoryUsage())
    }
    for path in Self.files { ranges.append(try Self.read(path)) }
    try fill(BPFMap<aegis_prefix_v4, UInt32>(object.mapDescriptor("trie_v4"), name: "v4"), 0) {
      bits, length in
      aegis_prefix_v4(length: length, address: UInt32(bits).bigEndian)
    }
    try fill(BPFMap<aegis_prefix_v6, UInt32>(object.mapDescriptor("trie_v6"), name: "v6"), 1) {
      bits, length in
      aegis_prefix_v6(
        length: length, address: unsafeBitCast(bits.bigEndian, to: aegis_address.self))
    }
  }

  deinit { munmap(memory, Self.size) }

  private static func cpu() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func read(_ path: String) throws -> Ranges {
    var ranges = Ranges()
    for line in try Data(contentsOf: URL(filePath: path)).split(separator: 10)
    where line.first != 35 {
      let parts = line.split(separator: 44).map { String(decoding: $0, as: UTF8.self) }
      func bits(_ text: String) throws -> UInt128 {
        if let number = UInt32(text) { return UInt128(number) }
        guard case .v6(let bits) = try IPAddress(text) else { return 0 }
        return bits
      }
      ranges.first.append(try bits(parts[0]))
      ranges.last.append(try bits(parts[1]))
      ranges.code.append(UInt32(try CountryCode(parts[2]).rawValue))
    }
    return ranges
  }

  /// Writes the ranges of a family into a trie, each as the prefixes that make it up.
  private func fill<Key: BitwiseCopyable>(
    _ trie: BPFMap<Key, UInt32>, _ family: Int, _ key: (UInt128, UInt32) -> Key
  ) throws {
    let width = family == 0 ? 32 : 128
    let all = ranges[family]
    var entries: [(key: Key, value: UInt32)] = []
    for index in all.first.indices {
      var (start, last) = (all.first[index], all.last[index])
      while true {
        var bits = min(start.trailingZeroBitCount, width)
        while bits > 0, bits == 128 || (UInt128(1) << UInt128(bits)) - 1 > last - start {
          bits -= 1
        }
        entries.append((key(start, UInt32(width - bits)), all.code[index]))
        let size = UInt128(1) << UInt128(bits)
        if last - start < size { break }
        start += size
        if start > last { break }
      }
      last = start
    }
    let start = Self.cpu()
    for entry in entries { try trie.update(entry.value, forKey: entry.key) }
    trieSeconds.append(Self.cpu() - start)
    trieBytes.append(trie.memoryUsage())
    prefixes.append(entries.count)
  }

  func prepare(_ sources: Sources, isIPv6: Bool) {
    let all = ranges[isIPv6 ? 1 : 0]
    memory.storeBytes(of: isIPv6 ? 6 : 4, toByteOffset: Self.questions * 16, as: UInt32.self)
    for place in 0..<Self.questions {
      var address = UInt128.random(in: 0 ... .max)
      if sources == .listed {
        let index = Int.random(in: all.first.indices)
        address = UInt128.random(in: all.first[index]...all.last[index])
      } else if isIPv6 {
        // 2000::/3
        address = address >> 3 | 1 << 125
      }
      let octets = isIPv6 ? address : address << 96
      memory.storeBytes(of: octets.bigEndian, toByteOffset: place * 16, as: UInt128.self)
    }
  }

  /// ns for a look-up, with the loop.
  func time(_ subject: Subject) throws -> Double {
    guard let held = programs[subject] else { return 0 }
    let packet = [UInt8](repeating: 0, count: 64)
    let result = try held.program.testRun(packet, repeat: 256, returningPacket: false)
    return Double(result.duration) / Double(Self.run)
  }
}

extension CountryCase {
  static func table(in lab: Lab, _ effort: Effort) throws -> Table? {
    guard let countries = try CountryCase(in: lab) else { return nil }
    var table = Table(
      "Country of an address, tor-geoipdb, BPF_PROG_TEST_RUN, less the loop",
      [
        .init("family", "FAMILY"), .init("sources", "SOURCES"), .init("structure", "STRUCTURE"),
        .init("ns", "NS"), .init("best", "BEST NS"), .init("bytes", "BYTES"),
        .init("cpu", "CPU S TO LOAD"),
      ])
    for isIPv6 in [false, true] {
      for sources in Sources.allCases {
        countries.prepare(sources, isIPv6: isIPv6)
        var samples: [Subject: [Double]] = [:]
        for _ in 0..<effort.rounds * 4 {
          for subject in Subject.allCases {
            samples[subject, default: []].append(try countries.time(subject))
          }
        }
        let loop = samples[.nothing] ?? []
        for subject in [Subject.table, .trie] {
          let own = samples[subject] ?? []
          let family = isIPv6 ? 1 : 0
          let isTable = subject == .table
          table.add([
            .text(isIPv6 ? "IPv6" : "IPv4"), .text(sources.rawValue),
            .text(isTable ? "Aegis" : "LPM_TRIE of \(countries.prefixes[family]) prefixes"),
            .number(zip(own, loop).map { $0 - $1 }.median, decimals: 1),
            .number((own.min() ?? 0) - (loop.min() ?? 0), decimals: 1),
            .count(isTable ? countries.tableBytes[family] : countries.trieBytes[family]),
            .number(
              isTable ? countries.reading + countries.loading : countries.trieSeconds[family],
              decimals: 3),
          ])
        }
      }
    }
    return table
  }
}
