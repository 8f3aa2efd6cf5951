import Aegis
import Glibc

/// An attack that is detected and stopped.
struct DemoAttack {
  private static let files = "/mnt"
  private static let capture = files + "/attack.pcapng"

  func run() throws {
    let stage = try DemoStage()
    try stage.sandbox.addFiles(at: Self.files)
    try stage.aegisctl("load", "--quiet")
    try stage.aegisctl("attach", DemoSandbox.interface, "--quiet")
    let client = stage.sandbox.traffic(from: DemoStage.known, perSecond: 1000)
    let attacker = stage.sandbox.traffic(from: DemoStage.noisy, perSecond: 50_000)

    DemoStage.say("Something is wrong. What comes in?")
    try stage.aegisctl("stats", "--interval", "1s")

    DemoStage.say("Who is it? A rate that only counts what it would drop tells the sources apart.")
    try stage.aegisctl("set-rate", "2000/s", "--monitor")
    usleep(1_000_000)
    try stage.aegisctl("stats", "--interval", "1s", "--top", "3")

    DemoStage.say("What do the packets look like? Five of them, and a capture for later.")
    try stage.aegisctl("events", "--drops", "--count", "5", "--for", "10s")
    try stage.aegisctl("events", "--for", "2s", "--pcap", Self.capture, "--quiet")

    DemoStage.say("The source is stopped for an hour.")
    try stage.aegisctl("drop-ip", "10.0.0.3", "--ttl", "1h", "--note", "flood")
    try stage.aegisctl("stats", "--interval", "1s")

    DemoStage.say("Why is it dropped, and would the client be?")
    try stage.aegisctl("why", "10.0.0.3", "to", "7/udp")
    try stage.aegisctl("why", "10.0.0.2", "to", "7/udp")

    DemoStage.say("What would this policy have done to the capture?")
    try stage.aegisctl("replay", Self.capture)

    DemoStage.say("And what does the filter itself cost?")
    try stage.aegisctl("latency", "--for", "2s")
    DemoStage.say("The attack is over.")
    _ = consume attacker
    _ = consume client
    try stage.aegisctl("unload", "--force")
  }
}
