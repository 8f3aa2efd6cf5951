/// What `--experimental-dump-help` prints.
struct HelpDump: Decodable {
  let command: Command
}
