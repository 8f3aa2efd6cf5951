import Aegis
import ArgumentParser

struct SetGeoCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "set-geo", usage: "[options] <file> ... | --remove",
    abstract: "Load the countries of addresses, for classes.",
    discussion: """
      Reads these formats, which it detects by content: the lists of Tor and IPFire (start,end,country), \
      delegated-extended of the regional registries, CSV of GeoLite2 Country (with its Locations file) and of \
      DB-IP, and MMDB databases. Where files differ, the later one decides. A list has IPv4 or IPv6 or both: \
      give all files in one call, because the new table replaces the one before. Packets are judged by one of \
      the two, and none is lost. Debian has such lists in the package tor-geoipdb.

      A file that was cut off is refused: the new table must have more than two thirds of the ranges of the \
      one before, for each of IPv4 and IPv6. --allow-shrink loads it all the same.

      The table stays until it is replaced or removed, also through load --replace. It takes about 14 MB for \
      all countries. unload removes it; geo in a Host document, or a unit that runs set-geo, loads it at boot. \
      doctor warns of data older than 180 days.

      EXAMPLES
          # from the package tor-geoipdb
          aegisctl set-geo /usr/share/tor/geoip /usr/share/tor/geoip6
          # what is known of an address
          aegisctl why 192.0.2.1
          # forget all countries
          aegisctl set-geo --remove
      """)

  @Argument(
    help: ArgumentHelp("Files with countries of addresses.", valueName: "file"),
    completion: .file())
  var files: [String] = []

  @Flag(name: .long, help: "Load files that have less than two thirds of the ranges before.")
  var allowShrink = false

  @Flag(
    name: .long,
    help: "Remove the countries: addresses then have the class of a prefix, or foreign.")
  var remove = false

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if remove != files.isEmpty { throw ValidationError("give files, or --remove") }
    if remove, allowShrink { throw ValidationError("--allow-shrink requires files") }
  }

  func run() throws {
    // Reading takes a while, and needs no lock.
    let table = try GeoChange.table(of: files)
    let session = try change.session(at: instance.root)
    let datapath = try session.datapath()
    let geo = try GeoChange(to: table, of: datapath, allowsShrinking: allowShrink)
    try lockOut.request.check(.none, to: datapath, geo: geo)
    try geo.make(on: datapath, in: session)
    let name = "countries" + (geo.text.map { ": \($0)" } ?? "")
    try change.print(
      ChangeReport([(name, geo.action?.rawValue ?? "unchanged")], dryRun: change.dryRun),
      at: instance.root)
  }
}
