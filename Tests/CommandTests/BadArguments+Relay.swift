extension BadArguments {
  private static let listen = ["set-relay", "--listen", "192.0.2.1:4500"]
  private static let whole = listen + ["--port-range", "20000-29999", "--key-file"]
  private static let alice = ["relay-user", "alice", "--to", "198.51.100.7:1"]

  static let relay = [
    BadArguments(["set-relay"], 64, "give --listen, --port-range and --key-file, or only --off"),
    BadArguments(listen, 64, "give --listen, --port-range and --key-file"),
    BadArguments(whole + ["/dev/null", "--off"], 64, "or only --off"),
    BadArguments(whole + ["/dev/null"], 65, "cannot read /dev/null: it is not a regular file"),
    BadArguments(whole + ["/nonexistent"], 65, "hint: make it: (umask 077; echo"),
    BadArguments(
      ["set-relay", "--listen", "192.0.2.1", "--port-range", "2-3", "--key-file", "/dev/null"], 65,
      "--listen \"192.0.2.1\": has no port"),
    BadArguments(
      listen + ["--port-range", "20000", "--key-file", "/dev/null"], 65,
      "--port-range \"20000\": is not a range of ports"),
    BadArguments(
      listen + ["--port-range", "3-5", "--key-file", "x", "--forward", "none", "--forward", "lo"],
      65, "--forward \"none\": goes with no interface"),
    BadArguments(listen + ["--port-range", "3-2", "--key-file", "x"], 65, "ends before it begins"),
    BadArguments(["relay-user"], 64, "give one user with --to, or users with --file"),
    BadArguments(["relay-user", "alice"], 64, "give one user with --to"),
    BadArguments(["relay-user", "a", "b", "--to", "192.0.2.1:1"], 64, "give one user with --to"),
    BadArguments(alice + ["-f", "-"], 64, "give either one user with --to, or --file"),
    BadArguments(alice + ["--replace-all"], 64, "--replace-all requires --file"),
    BadArguments(alice + ["--remove"], 64, "--remove takes only users or files"),
    BadArguments(["relay-user", "--remove"], 64, "give the users to remove"),
    BadArguments(alice + ["--burst", "5"], 64, "--burst requires a rate"),
    BadArguments(
      alice + ["--ttl", "1h", "--until", "2099-01-01T00:00:00Z"], 64, "give either --ttl"),
    BadArguments(alice + ["--rate", "10Mbit/s"], 65, "is not a rate of packets"),
    BadArguments(alice + ["--rate", "fast"], 65, "--rate \"fast\""),
    BadArguments(alice + ["--until", "2001-01-01T00:00:00Z"], 65, "is in the past"),
    BadArguments(alice, 69, "the relay is off"),
    BadArguments(["relay-user", "al ice", "--to", "192.0.2.1:1"], 65, "is not the name of a user"),
    BadArguments(
      ["relay-user", "alice", "--to", "192.0.2.1"], 65, "--to \"192.0.2.1\": has no port"),
    BadArguments(["relay-user", "alice", "--to", "127.0.0.1:1"], 65, "has a loopback address"),
    BadArguments(["relay-user", "-f", "/nonexistent"], 65, "cannot read /nonexistent"),
    BadArguments(["relay-user", "-f", "-", "-f", "-"], 64, "standard input can be read only once"),
    BadArguments(["relay-token"], 64, "relay-token: missing argument <user>"),
    BadArguments(["relay-token", "alice"], 69, "the relay is off"),
    BadArguments(["relay-token", "alice", "--ttl", "never"], 65, "is not a duration"),
    BadArguments(["relay-token", "alice", "--dry-run"], 64, "unknown option \"--dry-run\""),
    BadArguments(["dump", "users", "nobody"], 65, "the relay has no user nobody"),
    BadArguments(["dump", "users", "--out"], 64, "users are the same for both directions"),
    BadArguments(["dump", "users", "--expiring", "1h"], 64, "users do not expire"),
    BadArguments(["stats", "--by", "user", "lo"], 64, "name none"),
    BadArguments(["stats", "--by", "user", "--watch"], 64, "only with --top, --interval and"),
    BadArguments(["load", "--max-users", "0"], 65, "--max-users \"0\": must be 1 to 1048576"),
  ]
}
