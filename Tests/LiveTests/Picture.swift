import BPF
import CAegis
import Foundation
import TestSupport

@testable import Aegis

/// All that a call can leave behind, to be compared with what another left.
struct Picture: Equatable, CustomStringConvertible {
  /// As `dump -o yaml` prints it; what it says if nothing is loaded.
  var policy: String
  var isToBeConfirmed = false
  /// In force, and the one that the datapath puts into force by itself.
  var profile = ""
  var capacity: Capacity?
  /// Whether the operator's program is in place, and what becomes of packets without it.
  var hook = ""
  /// Where links run, and whether that is the program in force.
  var links: [String] = []
  /// Names below the root, without the numbers of generations and of slots.
  var pins: [String] = []
  /// Of the countries that are loaded, for IPv4 and IPv6.
  var ranges: [Int] = []
  /// Rates of keys that no key has.
  var strayRates = 0

  /// Whether what comes in is judged, and not only what leaves.
  var judgesArrivals: Bool { links.contains { !$0.contains(" out ") } }

  init(of live: Live) throws {
    let dump = try live.aegis.run(
      ["dump", "-o", "yaml"], namespace: live.sandbox.host.namespace)
    guard [0, 69].contains(dump.status) else { throw SupportError("dump: \(dump)") }
    policy = dump.output + dump.error
    pins = Self.names(below: live.aegis.root)
    guard dump.status == 0 else { return }
    let datapath = try Datapath(at: PinRoot(live.aegis.root))
    isToBeConfirmed = try Deadline(datapath).remaining() != nil
    let profiles = ProfileTable(datapath)
    profile = try profiles.inForce().profile.name.text
    if let when = try profiles.automatic() { profile += " \(when)" }
    capacity = try datapath.capacity()
    if let status = try Hook(datapath).status() {
      hook = "\(status.tag ?? "lost") \(status.onMissing)"
    }
    if let facts = try GeoStore(datapath).facts() { ranges = [facts.rangesV4, facts.rangesV6] }
    let current = live.aegis.root + "/current/"
    let program = try BPFProgram(pinnedAt: current + AEGIS_PROGRAM).info().id
    links = try Interfaces(datapath).attachments().filter(\.isAttached).map {
      let wanted =
        $0.mode == .tc
        ? try BPFProgram(pinnedAt: current + TrafficProgram.name($0.direction)).info().id : program
      return "\($0.label) \($0.mode) \($0.program == wanted ? "current" : "other")"
    }
    let rates = try BPFMap<UInt32, aegis_rates>(pinnedAt: current + AEGIS_MAP_key_rate.name)
    let used = try BPFMap<aegis_key, aegis_entry>(pinnedAt: current + AEGIS_MAP_key.name).entries()
      .map(\.value.rate)
    let usedByPrefixes = try BPFMap<aegis_key_prefix, aegis_entry>(
      pinnedAt: current + AEGIS_MAP_key_prefix.name
    ).entries().map(\.value.rate)
    strayRates = try Set(rates.entries().map(\.key)).subtracting(used).subtracting(usedByPrefixes)
      .count
  }

  private static func names(below root: String) -> [String] {
    let names = FileManager.default.subpaths(atPath: root) ?? []
    return names.map { name in
      var words = name.split(separator: "/").map(String.init)
      if words[0].hasPrefix("gen") { words[0] = "gen" }
      // The slot of a table of countries or of the drop list.
      if words[0] == "rules", let last = words.last, last != "out" {
        // Both slots of a set begin with the same digit; see `RuleSet`.
        words[words.count - 1] = String(last.prefix(1))
      } else if let last = words.last, ["0v4", "0v6", "1v4", "1v6"].contains(last) {
        words[words.count - 1].removeFirst()
      }
      return words.joined(separator: "/")
    }.sorted()
  }

  /// The same where the driver refused native mode.
  var inGenericMode: Picture {
    var picture = self
    picture.links = links.map { $0.replacing("native", with: "generic") }
    return picture
  }

  /// What was begun and not ended; the next call that changes something clears it away.
  var leftovers: [String] {
    let generations = pins.count { $0 == "gen" }
    let kept = pins.contains("previous") ? 2 : 1
    return pins.filter { ["next", "moving", "saving"].contains($0) }
      + (generations > kept ? ["gen"] : [])
  }

  var description: String {
    """
    \(policy)profile: \(profile), confirm: \(isToBeConfirmed), capacity: \(capacity.map { "\($0)" } ?? "none"), links: \(links), \
    countries: \(ranges), stray rates: \(strayRates), pins: \(pins.filter { !$0.hasPrefix("gen/") })
    """
  }
}
