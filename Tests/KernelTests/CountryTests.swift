import BPF
import CAegis
import Foundation
import Glibc
import Linux
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

extension DatapathTests {
  /// The country that the datapath finds for an address.
  @Suite struct CountryTests {
    private static let files = ["/usr/share/tor/geoip", "/usr/share/tor/geoip6"]
    private static let count = Machine.few(
      ProcessInfo.processInfo.environment["AEGIS_MANY"] == nil ? 200_000 : 2_000_000,
      atLeast: 10_000)

    /// What an address is in a range of, by a search among the ranges as they are written.
    private struct Scan {
      private var first: [UInt128] = []
      private var last: [UInt128] = []
      private var code: [UInt16] = []

      /// A second reader of tor's files, and no other ones.
      init(_ path: String) throws {
        let isIPv6 = path.hasSuffix("6")
        for line in try Data(contentsOf: URL(filePath: path)).split(separator: 10)
        where line.first != 35 {
          let parts = line.split(separator: 44)
          code.append(try CountryCode(String(decoding: parts[2], as: UTF8.self)).rawValue)
          first.append(isIPv6 ? Self.ipv6(parts[0]) : Self.ipv4(parts[0]))
          last.append(isIPv6 ? Self.ipv6(parts[1]) : Self.ipv4(parts[1]))
        }
      }

      private static func ipv4(_ text: Data) -> UInt128 {
        text.reduce(0) { $0 * 10 + UInt128($1 - 48) }
      }

      private static func ipv6(_ text: Data) -> UInt128 {
        var bits: UInt128 = 0
        inet_pton(AF_INET6, String(decoding: text, as: UTF8.self), &bits)
        return UInt128(bigEndian: bits)
      }

      func country(of address: UInt128) -> UInt16 {
        var (low, high) = (0, first.count)
        while low < high {
          let middle = (low + high) / 2
          if first[middle] <= address { low = middle + 1 } else { high = middle }
        }
        return low > 0 && address <= last[low - 1] ? code[low - 1] : 0
      }

      /// Random addresses, addresses within ranges and the edges of ranges.
      func addresses(_ count: Int, _ random: inout SeededGenerator, isIPv6: Bool) -> [UInt128] {
        (0..<count).map { number in
          let index = Int.random(in: 0..<first.count, using: &random)
          let some = UInt128(random.next()) << 64 | UInt128(random.next())
          let address: UInt128 =
            switch number % 6 {
            case 0: first[index]
            case 1: last[index]
            case 2: first[index] &- 1
            case 3: last[index] &+ 1
            case 4: first[index] + some % (last[index] - first[index] + 1)
            default: isIPv6 && number % 12 != 5 ? some >> 3 | 1 << 125 : some
            }
          return isIPv6 ? address : address & UInt128(UInt32.max)
        }
      }
    }

    private static func table(_ texts: [String]) throws -> GeoTable {
      try GeoTable(texts.map { GeoFile(name: "test", bytes: Array($0.utf8)) })
    }

    private static func session(_ pinned: PinnedDatapath) throws -> Session {
      try Session(at: pinned.root, timeout: .seconds(5))
    }

    @Test(
      "of millions of addresses is that of a scan of tor's files, in the kernel and in the library",
      .enabled(if: FileManager.default.fileExists(atPath: files[0]), "needs tor-geoipdb"))
    func agrees() throws {
      let pinned = try PinnedDatapath(sources: 12)
      let clock = ContinuousClock()
      var table: GeoTable?
      let reading = try clock.measure {
        table = try GeoTable(GeoFile.read(Self.files))
      }
      let loaded = try #require(table)
      let loading = try clock.measure {
        try GeoStore(pinned.datapath).replace(with: loaded, in: Self.session(pinned))
      }
      print(
        "geo: read in \(reading), loaded in \(loading), \(loaded.v4.memory) + \(loaded.v6.memory) bytes"
      )
      let kernel = try CountryProgram(pinned)
      let library = try HostDatapath(over: pinned.datapath)
      let other = try HostDatapath()
      try other.lay(loaded)
      var random = SeededGenerator(seed: 16)
      for (path, isIPv6) in zip(Self.files, [false, true]) {
        let scan = try Scan(path)
        let addresses = scan.addresses(Self.count, &random, isIPv6: isIPv6)
        let found = try kernel.countries(of: addresses, isIPv6: isIPv6)
        var wrong = 0
        for (number, (address, code)) in zip(addresses, found).enumerated() {
          if scan.country(of: address) != UInt16(code) & CountryCode.mask { wrong += 1 }
          if number % 10 > 0 { continue }
          let asked: IPAddress = isIPv6 ? .v6(address) : .v4(UInt32(address))
          let told = try library.country(of: asked)?.country.rawValue ?? 0
          if told != UInt16(code) & CountryCode.mask { wrong += 1 }
          if try (other.country(of: asked)?.country.rawValue ?? 0) != told { wrong += 1 }
        }
        #expect(wrong == 0, "\(path): \(wrong) of \(addresses.count)")
        print("\(path): \(wrong) of \(addresses.count) wrong")
      }
      let facts = try #require(try GeoStore(pinned.datapath).facts())
      #expect(facts.files.map(\.name) == Self.files)
      #expect(facts.files.map(\.hasDate) == [true, true])
      #expect(facts.rangesV4 > 100_000 && facts.rangesV6 > 100_000)
      #expect(facts.codes > 200)
      #expect(facts.memory == UInt64(loaded.memory))
    }

    /// Ranges of every length and at every depth of the tree, which are in each other.
    @Test("of random ranges is that of the smallest that has the address")
    func random() throws {
      let pinned = try PinnedDatapath(sources: 12)
      let kernel = try CountryProgram(pinned)
      var random = SeededGenerator(seed: 6)
      for round in 0..<Machine.few(12, atLeast: 2) {
        let isIPv6 = round % 2 == 1
        let width = isIPv6 ? 128 : 32
        let most: UInt128 = isIPv6 ? .max : UInt128(UInt32.max)
        // Some rounds have most ranges in few places, so that nodes get full.
        let places = (0..<(round < 6 ? 400 : 2)).map { _ in
          UInt128(random.next()) << 64 | UInt128(random.next())
        }
        var ranges: [(first: UInt128, last: UInt128, code: CountryCode)] = []
        for _ in 0..<400 {
          let low = random.pick(0...width - 1)
          let scattered = UInt128(random.next()) << 64 | UInt128(random.next())
          let near = (UInt128(1) << UInt128(low)) &- 1
          let first = (random.pick(places) & ~near | scattered & near) & most
          let length = (scattered &* 31) & ((UInt128(1) << UInt128(random.pick(0...width - 1))) - 1)
          let sum = first.addingReportingOverflow(length)
          let last = sum.overflow || sum.partialValue > most ? most : sum.partialValue
          let code = try #require(CountryCode(rawValue: UInt16(random.pick(0...675))))
          ranges.append((first, last, code))
        }
        let text = ranges.map { range in
          func text(_ bits: UInt128) -> String {
            "\(isIPv6 ? IPAddress.v6(bits) : .v4(UInt32(bits)))"
          }
          return "\(text(range.first)),\(text(range.last)),\(range.code)\n"
        }
        let table = try Self.table([text.joined()])
        try GeoStore(pinned.datapath).replace(with: table, in: Self.session(pinned))
        var addresses: [UInt128] = [0, most]
        for range in ranges {
          addresses += [range.first, range.last, range.first &- 1 & most, range.last &+ 1 & most]
        }
        for _ in 0..<500 {
          addresses.append(random.pick(addresses) &+ UInt128(random.byte()) & most)
        }
        let found = try kernel.countries(of: addresses, isIPv6: isIPv6)
        for (address, code) in zip(addresses, found) {
          var best: (size: UInt128, code: UInt16) = (.max, 0)
          for range in ranges where range.first <= address && address <= range.last {
            if range.last - range.first <= best.size {
              best = (range.last - range.first, range.code.rawValue)
            }
          }
          try #require(best.code == UInt16(code), "round \(round), \(IPAddress.v6(address))")
        }
      }
    }

    @Test("changes from one table to the other while addresses are looked up, and to nothing else")
    func swapped() throws {
      let pinned = try PinnedDatapath(sources: 12)
      let kernel = try CountryProgram(pinned)
      let store = GeoStore(pinned.datapath)
      let tables = try ["DE", "FR"].map { code in
        try Self.table([
          "0.0.0.0,127.255.255.255,\(code)\n200.1.2.3,200.1.2.3,\(code)\n"
            + "200.1.2.5,200.1.2.5,\(code)\n"
        ])
      }
      try store.replace(with: tables[0], in: Self.session(pinned))
      let addresses =
        [UInt128](repeating: 0x0a01_0203, count: 512)
        + [UInt128](repeating: 0xc801_0203, count: 512)
      let allowed = try Set(["DE", "FR"].map { try UInt32(CountryCode($0).rawValue) })
      let (root, rounds) = (pinned.root, Machine.few(40, atLeast: 5))
      let swapper = Swapper {
        for round in 1...rounds {
          try store.replace(
            with: tables[round % 2], in: Session(at: root, timeout: .seconds(5)))
        }
      }
      var seen: Set<UInt32> = []
      var runs = 0
      while !swapper.isDone {
        let found = try kernel.countries(of: addresses, isIPv6: false)
        seen.formUnion(found)
        runs += 1
      }
      try swapper.result?.get()
      #expect(seen.isSubset(of: allowed), "\(seen)")
      #expect(seen == allowed)
      print("geo: \(runs * addresses.count) look-ups during the swaps")
    }

    @Test("is unknown after the table was removed, and nothing of it is left")
    func removed() throws {
      let pinned = try PinnedDatapath(sources: 12)
      let store = GeoStore(pinned.datapath)
      #expect(try store.facts() == nil)
      try store.replace(with: Self.table(["1.0.0.0,1.0.0.255,AU\n"]), in: Self.session(pinned))
      #expect(try store.country(of: IPAddress("1.0.0.7"))?.country.description == "AU")
      #expect(try FileSystem.list(pinned.root.geo) == ["0v4"])
      try store.replace(with: Self.table(["::,::ff,AU\n"]), in: Self.session(pinned))
      #expect(try store.country(of: IPAddress("1.0.0.7")) == nil)
      #expect(try store.country(of: .v6(7))?.country.description == "AU")
      #expect(try FileSystem.list(pinned.root.geo) == ["1v6"])
      try store.remove(in: Self.session(pinned))
      #expect(try store.country(of: .v6(7)) == nil)
      #expect(try FileSystem.list(pinned.root.geo) == [])
      #expect(try store.facts() == nil)
    }

    @Test("survives a replacement of the program, lost pins, and what a killed call left")
    func repaired() throws {
      let pinned = try PinnedDatapath(sources: 12)
      let store = GeoStore(pinned.datapath)
      let text = "1.0.0.0,1.0.0.255,AU\n2001:db8::,2001:db8::1,JP\n"
      try store.replace(with: Self.table([text]), in: Self.session(pinned))
      func check() throws {
        let store = try GeoStore(Datapath(at: pinned.root))
        #expect(try store.country(of: IPAddress("1.0.0.7"))?.country.description == "AU")
        #expect(try store.country(of: IPAddress("2001:db8::1"))?.country.description == "JP")
      }
      try check()
      let request = Loader.Request(drops: 512)
      _ = try Loader(pinned.root).load(request, replace: true, in: Self.session(pinned))
      try check()
      // Of a slot that is not in force: pinned, and not yet in the outer map.
      let path = pinned.root.geo + "/1v4"
      try AnyBPFMap(pinnedAt: pinned.root.geo + "/0v4").pin(at: path)
      #expect(try FileSystem.list(pinned.root.geo) == ["0v4", "0v6", "1v4"])
      let outer = try DescriptorArray(pinnedAt: pinned.root.map(AEGIS_MAP_geo))
      for isPut in [false, true] {
        if isPut {
          // Killed later: the outer map has it too.
          try AnyBPFMap(pinnedAt: pinned.root.geo + "/0v4").pin(at: path)
          try outer.put(AnyBPFMap(pinnedAt: path), at: 2)
        }
        _ = try Self.session(pinned).datapath()
        #expect(try FileSystem.list(pinned.root.geo) == ["0v4", "0v6"])
        #expect(try outer.id(at: 2) == nil)
      }
      try FileSystem.removeTree(pinned.root.geo)
      let outcome = try Repair(pinned.root).run(in: Self.session(pinned))
      #expect(outcome.items.filter { $0.name.hasPrefix("geo/") }.count == 2, "\(outcome)")
      try check()
      // The outer map is made again.
      try FileSystem.remove(pinned.root.map(AEGIS_MAP_geo))
      let second = try Repair(pinned.root).run(in: Self.session(pinned))
      #expect(second.errors.isEmpty, "\(second)")
      try check()
      // The generation before has the old one.
      _ = try Loader(pinned.root).rollBack(in: Self.session(pinned))
      try check()
      let previous = try DescriptorArray(pinnedAt: pinned.root.map(AEGIS_MAP_geo))
      #expect(try previous.id(at: 0) != nil)
    }
  }
}

/// A program that looks up many addresses in one run.
private final class CountryProgram {
  private static let many = Int(1 << 16)
  private static let run = 1024
  private let program: BPFProgram
  private let memory: UnsafeMutableRawPointer
  private static let size = many * 16 + 8 + many * 4

  /// Works on the table of a datapath.
  init(_ pinned: PinnedDatapath) throws {
    var object = try BPFObject(
      Array(Data(base64Encoded: TestObjects.country) ?? Data()), name: "country")
    for map in [AEGIS_MAP_config, AEGIS_MAP_geo] {
      try object.reuse(pinned.descriptor(ofMap: map.name), forMap: map.name)
    }
    try object.load()
    program = BPFProgram(try object.programDescriptor("countries"), name: "countries")
    let questions = try object.mapDescriptor("questions")
    let mapped = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, questions.rawValue, 0)
    extendLifetime(questions)
    memory = try #require(mapped == MAP_FAILED ? nil : mapped)
  }

  deinit { munmap(memory, Self.size) }

  func countries(of addresses: [UInt128], isIPv6: Bool) throws -> [UInt32] {
    var codes: [UInt32] = []
    codes.reserveCapacity(addresses.count)
    memory.storeBytes(of: isIPv6 ? 6 : 4, toByteOffset: Self.many * 16, as: UInt32.self)
    let packet = [UInt8](repeating: 0, count: 64)
    for start in stride(from: 0, to: addresses.count, by: Self.many) {
      let count = min(Self.many, addresses.count - start)
      for place in 0..<count {
        let address = addresses[start + place]
        let octets = (isIPv6 ? address : address << 96).bigEndian
        memory.storeBytes(of: octets, toByteOffset: place * 16, as: UInt128.self)
      }
      memory.storeBytes(of: 0, toByteOffset: Self.many * 16 + 4, as: UInt32.self)
      let run = try program.testRun(
        packet, repeat: Int32((count + Self.run - 1) / Self.run), returningPacket: false)
      try #require(run.returnValue == 2)
      let found = (memory + Self.many * 16 + 8).assumingMemoryBound(to: UInt32.self)
      codes += UnsafeBufferPointer(start: found, count: count)
    }
    return codes
  }
}

/// Work on a thread of its own.
private final class Swapper: @unchecked Sendable {
  private let lock = NSLock()
  private var outcome: Result<Void, any Error>?

  init(_ body: @escaping @Sendable () throws -> Void) {
    let thread = Thread { [self] in
      let result = Result { try body() }
      lock.withLock { outcome = result }
    }
    thread.start()
  }

  var result: Result<Void, any Error>? { lock.withLock { outcome } }
  var isDone: Bool { result != nil }
}
