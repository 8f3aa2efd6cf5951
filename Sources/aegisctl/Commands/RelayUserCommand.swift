import Aegis
import ArgumentParser

struct RelayUserCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "relay-user", usage: "[options] <user> ... | -f <file>",
    abstract: "Add a user of the relay, or remove users.",
    discussion: """
      Sets where the packets of a user go to, how many may pass in a second in each direction, and how long. Adding \
      a user that exists sets all of it anew: without --rate the rate is 10000/s, and without --ttl it never \
      expires. Its tokens stay valid, unless the family of its destination changes. An identical user is \
      unchanged. Until a token is made with relay-token, nobody can use it.

      A file has a line for each user: its name, its destination, and any of rate=, burst=, ttl= and until=. \
      Comments begin with '#'. --rate, --ttl and --until override those of the lines. If a line is invalid, or \
      there is no room or no port for all, nothing is changed. A large file is read in one call. With \
      --replace-all, users that are not in the files are removed.

      --remove takes effect at once, and makes all tokens of the user void, even if a user of the same name is \
      added later. With -f it removes the users of the file.

      The relay has room for 1024 users: load --max-users changes that. Users stay when the relay is switched off \
      and when the datapath is replaced, and are gone after unload. A Policy document can declare them: see \
      aegis-policy(5).

      EXAMPLES
          aegisctl relay-user alice --to 198.51.100.7:51820
          # with another rate, for a week
          aegisctl relay-user bob --to '[2001:db8::7]:51820' --rate 2000/s --ttl 7d
          # exactly these
          aegisctl relay-user -f users.txt --replace-all
          # remove two
          aegisctl relay-user --remove alice bob
          # who they are, and what they send
          aegisctl dump users
          aegisctl stats --by user --top
      """)

  @Argument(
    help: ArgumentHelp(
      "The name of the user: up to 31 letters, digits, -, _, . and @.", valueName: "user"),
    completion: .custom { words, _, _ in Completions.users(words) })
  var users: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp("Where the packets of the user go to.", valueName: "addr:port"))
  var to: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How many packets may pass in each direction, such as 500/s, or off (default: 10000/s).",
      valueName: "rate"))
  var rate: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How many packets may come at once (default: a tenth of a second of the rate).",
      valueName: "n"))
  var burst: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How long the user lasts, such as 12h or 30d; never means forever (default: never).",
      valueName: "duration"),
    transform: LifetimeArgument.parse)
  var ttl: Lifetime?

  @Option(
    name: .long,
    help: ArgumentHelp("When the user expires, such as 2026-12-01T08:00:00Z.", valueName: "time"))
  var until: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Read users from this file; - is standard input. May be repeated.", valueName: "file"),
    completion: .file())
  var file: [String] = []

  @Flag(name: .long, help: "Remove all users that are not in the files.")
  var replaceAll = false

  @Flag(name: .long, help: "Remove the users instead.")
  var remove = false

  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if file.count(where: { $0 == "-" }) > 1 {
      throw ValidationError("standard input can be read only once")
    }
    if ttl != nil, until != nil { throw ValidationError("give either --ttl or --until") }
    if burst != nil, rate == nil || rate == "off" {
      throw ValidationError("--burst requires a rate")
    }
    if remove {
      if to != nil || rate != nil || ttl != nil || until != nil || replaceAll {
        throw ValidationError("--remove takes only users or files")
      }
      if users.isEmpty, file.isEmpty { throw ValidationError("give the users to remove") }
      return
    }
    if replaceAll, file.isEmpty { throw ValidationError("--replace-all requires --file") }
    if file.isEmpty {
      guard users.count == 1, to != nil else {
        throw ValidationError("give one user with --to, or users with --file")
      }
    } else if !users.isEmpty || to != nil {
      throw ValidationError("give either one user with --to, or --file")
    }
  }

  func run() throws {
    let changes: [Change<RelayName>]
    if remove {
      let names = try names()
      let session = try change.session(at: instance.root)
      changes = try RelayUsers(session.datapath()).remove(names, in: session)
    } else {
      let requests = try requests()
      let session = try change.session(at: instance.root)
      let datapath = try session.datapath()
      changes = try RelayUsers(datapath)
        .put(requests, isReplacement: replaceAll, in: session)
      try RelayHost.reach(requests.map(\.destination.address), of: datapath, in: session)
    }
    try change.print(
      ChangeReport(
        changes.map { ("\($0.element)", $0.action.rawValue) }, dryRun: change.dryRun),
      at: instance.root)
  }

  private func requests() throws -> [RelayUserRequest] {
    let terms = try terms()
    if let to, let user = users.first {
      let name = try name(user)
      let destination = try InputArgument.read(of: "--to") { _ throws(InputError) in
        try RelayEndpoint(to)
      }
      return [
        try InputArgument.read(of: "--rate") { _ throws(InputError) in
          try RelayUserRequest(
            name, to: destination, rate: terms.rate ?? RelayUserRequest.defaultRate,
            expires: terms.expires ?? nil)
        }
      ]
    }
    var list = RelayUserList()
    for path in file {
      list.read(
        try InputFile.read(path, isText: true), of: InputFile.name(path), terms)
    }
    try Failures.check(list.errors)
    if list.requests.isEmpty {
      throw AegisError(
        .badInput, "\(InputFile.name(file[0])) has no users",
        hint: "to remove all: aegisctl dump users -o name | aegisctl relay-user --remove -f -")
    }
    return list.requests
  }

  private func names() throws -> [RelayName] {
    var names = try users.map(name)
    var list = RelayUserList()
    for path in file {
      names += list.readNames(
        try InputFile.read(path, isText: true), of: InputFile.name(path))
    }
    try Failures.check(list.errors)
    return names.uniqued()
  }

  private func name(_ text: String) throws -> RelayName {
    try InputArgument.read { _ throws(InputError) in try RelayName(text) }
  }

  private func terms() throws -> RelayUserList.Terms {
    var terms = RelayUserList.Terms()
    if rate == "off" {
      terms.rate = .some(nil)
    } else if let rate {
      terms.rate = .some(try RateArgument.parse(rate, of: "--rate", burst: burst))
    }
    switch ttl {
    case .forGood?: terms.expires = .some(nil)
    case .limited(let duration)?: terms.expires = .some(RelayUserList.end(after: duration))
    case nil:
      if let until {
        terms.expires = .some(RelayUserList.end(at: try UntilArgument.parse(until)))
      }
    }
    return terms
  }
}
