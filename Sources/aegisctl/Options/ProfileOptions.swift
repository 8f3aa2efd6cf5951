import Aegis
import ArgumentParser

/// Which profile a command is about.
struct ProfileOptions: ParsableArguments {
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp("Of this profile (default: main).", valueName: "profile"),
    completion: .custom { words, _, _ in Completions.profiles(words) })
  var profile: String?

  /// nil if none is given.
  func name() throws -> ProfileName? {
    try profile.map { text in
      try InputArgument.read(of: "--as") { _ throws(InputError) in try ProfileName(text) }
    }
  }

  /// The datapath with that profile, which must exist.
  func view(of datapath: Datapath) throws -> Datapath {
    guard let name = try name() else { return datapath }
    return datapath[profile: try ProfileTable(datapath).find(name)]
  }
}
