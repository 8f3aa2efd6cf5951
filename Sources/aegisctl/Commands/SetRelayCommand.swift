import Aegis
import ArgumentParser

struct SetRelayCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "set-relay", usage: "[options] --listen <addr:port> ... | --off",
    abstract: "Forward UDP for clients that have a token.",
    discussion: """
      The relay forwards UDP packets of clients to the destination of each user, and the answers back. A client \
      proves with every packet that it has a token, see relay-token; all other packets to the address and port of \
      --listen are dropped. Users are added with relay-user. Give --listen once for each family, with the same \
      port. Toward a destination, each user has one port of --port-range, at the address of --listen.

      The key file has a line for each master key: a number from 0 to 255, and 32 hexadecimal digits. Only its \
      owner may read it, who is the caller or root. Comments begin with '#'. New tokens are made with the first \
      key. To replace a key without losing a packet, put the new one first and run set-relay again; remove the \
      last line once the tokens made with it have expired. At most two keys are in use at a time.

      The relay works on interfaces that are attached in XDP, not behind tc. What it forwards passes no rules, \
      keys or rates, but drop lists apply.

      The relay looks up next hops in the kernel's routing table. The kernel answers only if forwarding is on for \
      the interface where a packet arrives, and if it knows the neighbour. --forward names interfaces for which \
      Aegis takes care of that: it switches on /proc/sys/net/ipv4/conf/IF/forwarding and the same for IPv6, \
      switches off arp_evict_nocarrier and ndisc_evict_nocarrier, and adds the next hops as neighbours that the \
      kernel keeps ('ip neigh show proto 174'; Linux 5.16). 'repair' restores all of it; --off, detach and unload \
      undo it. The host then also routes other packets that arrive there: use set-default deny or a firewall. \
      Without --forward the interfaces stay as they are; --forward none undoes it for all. 'doctor' reports what \
      is missing, ports of the relay that the kernel may give to programs of this host, and a network card that \
      ignores ports when it chooses a receive queue.

      set-relay also tells the datapath about the wall clock: run it, or repair, again after the clock was set.

      --off switches the relay off and removes the keys from the kernel. The users stay until unload. A Host document \
      has the same settings in relay: see aegis-policy(5).

      EXAMPLES
          # a key, once
          (umask 077; echo "1 $(openssl rand -hex 16)" > k)
          # clients send to port 53
          aegisctl set-relay --listen 10.0.0.1:53 --port-range 2000-2999 --key-file k
          # switch it off
          aegisctl set-relay --off
      """)

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Where clients send to; once for IPv4 and once for IPv6.", valueName: "addr:port"))
  var listen: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp("The ports of users toward their destinations.", valueName: "a-b"))
  var portRange: String?

  @Option(
    name: .long,
    help: ArgumentHelp("The file with one or two master keys.", valueName: "file"),
    completion: .file())
  var keyFile: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Prepare this interface for the relay; none for no interface. May be repeated.",
      valueName: "interface"), completion: .custom { _, _, _ in Completions.attachable() })
  var forward: [String] = []

  @Flag(name: .long, help: "Switch the relay off, and forget its keys.")
  var off = false

  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    let isComplete = !listen.isEmpty && portRange != nil && keyFile != nil
    let isEmpty = listen.isEmpty && portRange == nil && keyFile == nil && forward.isEmpty
    guard off ? isEmpty : isComplete else {
      throw ValidationError("give --listen, --port-range and --key-file, or only --off")
    }
  }

  func run() throws {
    let interfaces = try interfaces()
    let settings = try off ? nil : settings()
    let session = try change.session(at: instance.root)
    let store = RelayStore(try session.datapath())
    let before = try store.settings()
    let isChanged: Bool
    let prepared: [String]
    if let settings {
      prepared = try RelayHost(store.datapath, settings).prepare(interfaces, in: session)
      isChanged = try store.set(settings, in: session)
    } else {
      isChanged = try store.remove(in: session)
      prepared = try RelayHost.undo(store.datapath, in: session)
    }
    let action = Plan.Item.Action(isBefore: before != nil, isAfter: settings != nil)
    let text = settings.map { "relay: \($0)" } ?? "relay"
    try change.print(
      ChangeReport(
        [(text, isChanged ? (action ?? .changed).rawValue : "unchanged")]
          + prepared.map { ($0, Plan.Item.Action.changed.rawValue) }, dryRun: change.dryRun),
      at: instance.root)
  }

  /// nil for those that were given before.
  private func interfaces() throws -> [String]? {
    if forward.isEmpty { return nil }
    return try InputArgument.read(of: "--forward") { _ throws(InputError) in
      try RelayHost.interfaces(named: forward)
    }.map(Interfaces.ownName).uniqued()
  }

  private func settings() throws -> RelaySettings {
    let endpoints = try listen.map { text in
      try InputArgument.read(of: "--listen") { _ throws(InputError) in try RelayEndpoint(text) }
    }
    try InputArgument.read(of: "--listen") { _ throws(InputError) in
      try RelaySettings.check(listen: endpoints)
    }
    let ports = try InputArgument.read(of: "--port-range") { _ throws(InputError) in
      let ports = try RelaySettings.ports(portRange ?? "")
      try RelaySettings.check(ports, besides: endpoints)
      return ports
    }
    return try RelaySettings(
      listen: endpoints, ports: ports, keys: RelayKeyFile.read(keyFile ?? ""))
  }
}
