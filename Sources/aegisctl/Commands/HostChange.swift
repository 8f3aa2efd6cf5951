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
    for attachment in plan.detaching {
      do {
        try interfaces.detach(attachment, in: session)
      } catch {
        errors.append(error)
      }
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
