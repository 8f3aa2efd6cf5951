/// A gateway that nobody sees.
struct DemoWire {
  func run() throws {
    let stage = try DemoStage.gateway()
    let (port, other) = (DemoSandbox.ports[0], DemoSandbox.ports[1])
    let (left, right) = (stage.sandbox.ends[0], stage.sandbox.ends[1])

    DemoStage.say("Its two ports become a wire. What comes from the right end is not judged.")
    try stage.aegisctl("load", "--quiet")
    try stage.aegisctl("attach", port, "--wire", other, "--trust", other)
    try stage.aegisctl("status")

    DemoStage.say("What passes on one port leaves by the other.")
    try stage.run("ping -n -q -c 3 -i 0.2 -w 5 10.0.0.1", at: left)

    DemoStage.say(
      "Nobody sees the gateway: each end knows the other one only, and it has no address.")
    try stage.run("ip -br neighbour", at: left)
    try stage.run("ip -br neighbour", at: right)
    try stage.run("ip -br address")

    DemoStage.say("An attacker at the left end reaches the right one.")
    stage.send(100, from: DemoStage.noisy)

    DemoStage.say("The gateway stops it, and nobody else.")
    try stage.aegisctl("drop-ip", "10.0.0.3", "--ttl", "1h", "--note", "attack")
    stage.send(100, from: DemoStage.noisy)
    stage.send(100, from: DemoStage.known)

    DemoStage.say("What becomes of a packet depends on the port that it comes in by.")
    try stage.aegisctl("why", "10.0.0.3", "to", "7/udp", "--interface", port)
    try stage.aegisctl("why", "10.0.0.2", "to", "7/udp", "--interface", port)
    try stage.aegisctl("why", "10.0.0.3", "to", "7/udp", "--interface", other)

    DemoStage.say(
      "What was decided, and why? Any frame that the other port did not take is counted as wire.lost."
    )
    try stage.aegisctl("stats")

    DemoStage.say(
      "Detaching one port detaches both. This wire is closed: without the datapath nothing crosses."
    )
    try stage.aegisctl("detach", port)
    stage.send(100, from: DemoStage.known)
    try stage.aegisctl("unload", "--force")
  }
}
