import Aegis
import ArgumentParser

struct SetClassCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "set-class", usage: "[options] <name>",
    abstract: "Define a class of source addresses, for rates by country or network.",
    discussion: """
      Sets all countries and prefixes of the class; those that it had before and that are not given are removed. \
      An address has one class: that of the longest prefix that contains it, or else that of its country, or \
      else foreign. Two classes cannot have the same country or the same prefix: to move one to another class \
      in one step, apply a policy file with both. A change takes effect with the next packet.

      A class does nothing by itself: set-rate --class limits its sources, and stats --by class counts its \
      packets. A rate for a class applies where no rate for a port or a prefix does.

      Countries come from files that set-geo loads. They say where a network is registered, or where its \
      users are believed to be: for VPNs, mobile networks and content delivery networks this is often wrong. \
      So limit a class instead of dropping it. why ADDRESS shows the class of an address, its country, and the \
      file that says so.

      --remove removes the class, and its addresses become foreign. Refuses to remove a class that has a rate.

      EXAMPLES
          # more for domestic sources, less for others
          aegisctl set-geo /usr/share/tor/geoip /usr/share/tor/geoip6
          aegisctl set-class domestic --country DE,AT,CH
          aegisctl set-rate 2000/s --class domestic
          aegisctl set-rate 200/s --class foreign
          # countries and networks to be strict with
          aegisctl set-class suspicious --country KP --prefix 203.0.113.0/24
          aegisctl set-rate 20/s --class suspicious
          # what each class sends
          aegisctl stats --by class
          # all classes
          aegisctl dump classes
      """)

  @Argument(
    help: ArgumentHelp("The name of the class.", valueName: "name"),
    completion: .custom { words, _, _ in Completions.classes(words) })
  var name: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Countries by their two letters, separated by commas; may be repeated.", valueName: "cc,..."))
  var country: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Addresses and prefixes, separated by commas; may be repeated.", valueName: "prefix,..."))
  var prefix: [String] = []

  @Flag(name: .long, help: "Remove the class.")
  var remove = false

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if remove != (country.isEmpty && prefix.isEmpty) {
      throw ValidationError("give --country or --prefix, or --remove")
    }
  }

  func run() throws {
    let name = try InputArgument.read { _ throws(InputError) in
      try ClassName(definedAs: self.name)
    }
    let addresses = try remove ? nil : addresses()
    let session = try change.session(at: instance.root)
    let datapath = try session.datapath()
    let plan = try Plan(class: name, to: addresses, of: datapath)
    try lockOut.request.run(plan, on: datapath, in: session)
    let text = addresses.map { "class \(name): \($0)" } ?? "class \(name)"
    let action = plan.items.first?.action.rawValue ?? "unchanged"
    try change.print(ChangeReport([(text, action)], dryRun: change.dryRun), at: instance.root)
    if addresses?.countries.isEmpty == false, try GeoStore(datapath).facts() == nil {
      Notice.give(
        "no countries are loaded: only prefixes count until aegisctl set-geo FILE loads some")
    }
  }

  private func addresses() throws -> AddressClass {
    AddressClass(
      countries: Set(
        try Self.parts(country).map { text in
          try InputArgument.read(of: "--country") { _ throws(InputError) in
            try CountryCode(named: text)
          }
        }),
      prefixes: Set(
        try Self.parts(prefix).map { text in
          try InputArgument.read(of: "--prefix") { notes throws(InputError) in
            try Prefix(text, noting: &notes)
          }
        }))
  }

  private static func parts(_ values: [String]) -> [String] {
    values.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }
}
