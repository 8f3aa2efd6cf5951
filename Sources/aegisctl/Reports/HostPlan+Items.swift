import Aegis

extension HostPlan {
  /// Whether nothing would change, except for a replacement, which must be requested.
  var isEmpty: Bool { items.isEmpty }

  /// The changes made without `--replace`.
  var items: [PlanReport.Item] {
    var items: [PlanReport.Item] = []
    func add(_ part: String, _ name: String, _ action: Plan.Item.Action, now: String?) {
      items.append(
        PlanReport.Item(
          part: part, name: name, action: action.rawValue, before: nil, now: now))
    }
    if isLoading {
      add(
        "datapath", "", .added,
        now:
          "drops \(wanted.drops), keys \(wanted.keys), sources \(wanted.sources), users \(wanted.users)"
      )
    }
    for interface in attaching {
      add(
        "interface", interface.name, .added,
        now: DirectionText.modes(interface.mode.rawValue, interface.directions.rawValue))
    }
    for attachment in detaching { add("interface", attachment.label, .removed, now: nil) }
    return items
  }

  /// Notices about declared properties that cannot be established now.
  func giveNotes() {
    if needsReplacement {
      let parts = [
        ("drops", present.drops, wanted.drops), ("keys", present.keys, wanted.keys),
        ("sources", present.sources, wanted.sources), ("users", present.users, wanted.users),
      ]
      let texts = parts.filter { $0.1 != $0.2 }.map { "\($0.0) is \($0.1), declared \($0.2)" }
      Notice.give("capacity: \(texts.joined(separator: ", ")); to change it: apply --replace")
    }
  }
}
