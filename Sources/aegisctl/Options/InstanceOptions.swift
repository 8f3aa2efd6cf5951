import Aegis
import ArgumentParser
import Glibc

/// The datapath that a command works on.
struct InstanceOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).",
      valueName: "dir"),
    completion: .directory)
  var pinRoot: String?

  @Flag(name: .shortAndLong, help: "Print more details when something goes wrong.")
  var verbose = false

  mutating func validate() throws {
    Verbosity.isVerbose = verbose
    SuggestedCommand.pinRoot = pinRoot
    let path = root.path
    guard path.hasPrefix("/"), !path.contains(".") else {
      let option = pinRoot == nil ? "AEGIS_PIN_ROOT" : "--pin-root"
      let error = InputError(input: path, problem: "is not an absolute path without dots")
      throw AegisError(error, of: option)
    }
  }

  var root: PinRoot { Self.root(given: pinRoot) }

  static func root(given path: String?) -> PinRoot {
    if let path { return PinRoot(path) }
    let environment = getenv("AEGIS_PIN_ROOT").map { String(cString: $0) } ?? ""
    return environment.isEmpty ? .standard : PinRoot(environment)
  }

  func datapath() throws -> Datapath { try Datapath(at: root) }

  /// The datapath for reading it once.
  func look() throws -> Datapath { try datapath().keepingMapsOpen() }

  /// nil if nothing is loaded.
  func lookIfLoaded() throws -> Datapath? { try Loader(root).isLoaded ? look() : nil }
}

/// Global because errors are reported after the command is gone.
enum Verbosity {
  nonisolated(unsafe) static var isVerbose = false
}
