import Aegis
import ArgumentParser

struct SetGeoCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "set-geo", usage: "[options] <file> ... | --remove",
    abstract: "Load the countries of addresses, for classes.",
    discussion: """
      Reads these formats, which it detects by content: the lists of Tor and IPFire (start,end,country), \
      delegated-extended of the regional registries, CSV of GeoLite2 Country (with its Locations file) and of \
      DB-IP, and MMDB databases. Debian has a list in the package tor-geoipdb. Compressed files must be unpacked \
      first.

      The new table replaces the loaded one, so give all files in one call, those for IPv4 and those for IPv6. If \
      several files contain an address, the last one decides. Every packet is judged by one of the two tables, \
      and none is lost.

      Refuses a table that has a third fewer IPv4 or IPv6 ranges than the loaded one, as after a download that \
      was cut off. --allow-shrink loads it anyway.

      The table takes about 14 MB for all countries. It is kept by load --replace, and removed by unload. To \
      load it at boot, name the files in geo of a Host document. doctor warns if the data is older than 180 days.

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

  @Flag(
    name: .long,
    help: "Load the files even if they have a third fewer ranges than the loaded table.")
  var allowShrink = false

  @Flag(
    name: .long,
    help: "Remove the table. Addresses then have the class of a prefix, or foreign.")
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
    let name = geo.text ?? "countries"
    try change.print(
      ChangeReport([(name, geo.action?.rawValue ?? "unchanged")], dryRun: change.dryRun),
      at: instance.root)
  }
}
