import Aegis

/// Attaches and detaches interfaces as a Host document declares.
struct HostChange {
  private let datapath: Datapath
  private let isAtBoot: Bool

  init(_ datapath: Datapath, isAtBoot: Bool) {
    self.datapath = datapath
    self.isAtBoot = isAtBoot
  }

  /// - Returns: The errors; everything else is done.
  func run(_ plan: HostPlan, in session: borrowing Session) throws -> [AegisError] {
    var errors: [AegisError] = []
    let interfaces = Interfaces(datapath)
    for interface in plan.attaching {
      do {
        let outcome = try interfaces.attach(interface, in: session)
        if let warning = outcome.warning { StandardError.warn(warning) }
      } catch {
        errors.append(error)
      }
    }
    // The wire of an interface that is declared otherwise is gone by now, or stays because its successor was refused.
    let kept = Set(plan.attaching.flatMap(\.names))
    for attachment in plan.detaching where !kept.contains(attachment.wire?.peer ?? "") {
      do {
        try interfaces.detach(attachment, in: session)
      } catch {
        errors.append(error)
      }
    }
    if isAtBoot, !plan.missing.isEmpty,
      try !interfaces.attachments().contains(where: \.isAttached)
    {
      let known = Interfaces.names.filter { $0 != "lo" }
      StandardError.warn(
        "no interface is attached yet: every packet passes",
        hint: known.isEmpty ? nil : "there are: \(known.joined(separator: ", "))")
    }
    for name in plan.missing {
      if isAtBoot {
        Notice.give("there is no interface \(name) yet")
      } else {
        errors.append(.notAttached(name))
      }
    }
    return errors
  }
}
