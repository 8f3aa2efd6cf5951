import Aegis

/// Demonstrates the verbs that change something.
struct DemoTour {
  func run() throws {
    let stage = try DemoStage()
    DemoStage.say(
      "The datapath goes into the kernel, and then in front of an interface. Everything passes still."
    )
    try stage.aegisctl("load")
    try stage.aegisctl("attach", DemoSandbox.interface)
    stage.send(100, from: DemoStage.known)
    try stage.aegisctl("stats")

    DemoStage.say("A rate: each source may send 20 packets at once, and then 100 a second.")
    try stage.aegisctl("set-rate", "100/s", "--burst", "20")
    stage.send(100, from: DemoStage.known)
    try stage.aegisctl("stats")

    DemoStage.say("A drop entry: nothing from one source.")
    try stage.aegisctl("drop-ip", "10.0.0.3", "--ttl", "1h", "--note", "demo")
    stage.send(50, from: DemoStage.noisy)
    try stage.aegisctl("stats")

    DemoStage.say(
      "Known peers only: a protected key, and the default becomes deny. ARP still works.")
    try stage.aegisctl("allow-key", "10.0.0.2:7/udp", "--protect")
    try stage.aegisctl("set-default", "deny")
    stage.send(100, from: DemoStage.known)
    stage.send(100, from: DemoStage.stranger)
    try stage.aegisctl("stats")
    try stage.aegisctl("dump")

    DemoStage.say("And away again.")
    try stage.aegisctl("unload", "--force")
  }
}
