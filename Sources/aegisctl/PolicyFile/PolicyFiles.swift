import Aegis
import FoundationEssentials
import Glibc

/// The content of declaration files.
struct Declaration {
  var policy: Policy
  /// Of profiles besides main.
  var profiles: [ProfileName: Policy] = [:]
  var host: HostDeclaration?
  /// Of the relay; nil if they are not declared.
  var users: [RelayUserRequest]?
  /// It knows where all that is.
  let reader: PolicyReader
}

/// The files that hold a policy.
enum PolicyFiles {
  private static let suffixes = [".yaml", ".yml", ".json"]
  private static let mostMessages = 20

  /// Reads files, the policy files of a directory, or standard input for `-`, as one declaration. Expired entries are
  /// reported on standard error.
  ///
  /// - Parameter profile: What all of them are about; nil for what they say.
  static func read(_ paths: [String], as profile: ProfileName? = nil) throws -> Declaration {
    var reader = PolicyReader(as: profile)
    for path in try paths.flatMap(files) {
      reader.read(try InputFile.read(path), named: path == "-" ? "standard input" : path)
    }
    let errors = reader.errors
    if errors.count > mostMessages {
      let more = AegisError(
        .badInput, "and \(errors.count - mostMessages) more errors; nothing was changed")
      throw Failures(errors: errors.prefix(mostMessages) + [more])
    }
    try Failures.check(errors)
    Notice.give(reader.notes)
    return Declaration(
      policy: reader.policy, profiles: reader.profiles, host: reader.host, users: reader.users,
      reader: reader)
  }

  /// A probe of the policy in files, with the countries that they name.
  static func probe(
    _ paths: [String], as profile: ProfileName? = nil,
    buckets: PolicyProbe.Buckets = .inForce, direction: Direction = .in
  ) throws -> PolicyProbe {
    let declared = try read(paths, as: profile)
    let geo = try declared.host?.geo.flatMap(GeoChange.table)
    let asks = declared.policy.classes?.contains { !$0.value.countries.isEmpty } ?? false
    if asks, geo == nil {
      Notice.give("no Host document names files in geo: all countries are taken to be unknown")
    }
    // A file of a single profile is judged by itself.
    let only = declared.profiles.count == 1 ? declared.profiles.first?.value : nil
    let policy = declared.policy.count == 0 ? only ?? declared.policy : declared.policy
    return try PolicyProbe(policy, geo: geo, buckets: buckets, direction: direction)
  }

  /// Sorted by name, without subdirectories.
  private static func files(_ path: String) throws -> [String] {
    var status = stat()
    guard path != "-", stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      return [path]
    }
    let all: [String]
    do {
      all = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw AegisError(.badInput, "cannot read \(path): \(error)")
    }
    let names = all.filter { name in
      !name.hasPrefix(".") && suffixes.contains(where: name.hasSuffix)
    }
    if names.isEmpty {
      throw AegisError(
        .badInput, "\(path): contains no file that ends in \(suffixes.joined(separator: ", "))")
    }
    return names.sorted().map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
  }
}
