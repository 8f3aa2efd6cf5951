extension Plan {
  /// One change.
  public struct Item: Sendable, Equatable {
    public enum Part: String, Sendable, CaseIterable {
      case defaultAction = "default"
      case replies, mode
      case sourcePrefix = "source-prefix"
      case addressClass = "class"
      case rate, list, rule, drop, key

      /// Whether it is declared once for both directions.
      public var isOfBothDirections: Bool {
        switch self {
        case .mode, .sourcePrefix, .addressClass, .list: true
        case .defaultAction, .replies, .rate, .rule, .drop, .key: false
        }
      }
    }

    public enum Action: String, Sendable, CaseIterable {
      case added, changed, removed

      /// nil if it exists neither before nor after.
      public init?(isBefore: Bool, isAfter: Bool) {
        switch (isBefore, isAfter) {
        case (false, true): self = .added
        case (true, true): self = .changed
        case (true, false): self = .removed
        case (false, false): return nil
        }
      }
    }

    public var direction = Direction.in
    public let part: Part
    public let name: String
    public let action: Action
    /// The new state, nil if it is removed; and the old state, nil if it did not exist.
    public let now: String?
    public let before: String?
  }

  /// The changes as text, by part and name.
  public var items: [Item] {
    let out = (out?.items ?? []).map { item in
      var item = item
      item.direction = .out
      return item
    }
    return PlanItems(differences).items + out
  }

  /// The number of items of a part, without creating their text.
  public func counts(of part: Item.Part) -> [Item.Action: Int] {
    let own = PlanItems(differences).actions(of: part).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    return own.merging(out?.counts(of: part) ?? [:], uniquingKeysWith: +)
  }
}

/// The part of a plan that is reported to an operator.
struct PlanItems {
  private let differences: PolicyDifferences

  init(_ differences: PolicyDifferences) {
    self.differences = differences
  }

  var items: [Plan.Item] { settings + classes + rates + lists + rules + drops + keys }

  func actions(of part: Plan.Item.Part) -> [Plan.Item.Action] {
    switch part {
    case .list: lists.map(\.action)
    case .rule: rules.map(\.action)
    case .drop: differences.drops.flatMap { $0.entries.compactMap(action) }
    case .key: places.compactMap { action($0.places) }
    case .addressClass: classes.map(\.action)
    case .rate: rates.map(\.action)
    case .defaultAction, .replies, .mode, .sourcePrefix:
      settings.filter { $0.part == part }.map(\.action)
    }
  }

  private func action<Element>(_ difference: Plan.Difference<Element>) -> Plan.Item.Action? {
    if difference.isNone { return nil }
    return Plan.Item.Action(
      isBefore: difference.before != nil, isAfter: difference.after != nil)
  }

  private var settings: [Plan.Item] {
    [
      setting(.defaultAction, differences.defaultAction, \.rawValue),
      setting(.replies, differences.replies) { $0 ? "pass" : "off" },
      setting(.mode, differences.mode, \.rawValue),
      setting(.sourcePrefix, differences.sourcePrefix, \.description),
    ].compactMap(\.self)
  }

  private func setting<Value>(
    _ part: Plan.Item.Part, _ setting: PolicyDifferences.Setting<Value>, _ text: (Value) -> String
  ) -> Plan.Item? {
    guard let now = setting.change else { return nil }
    return Plan.Item(
      part: part, name: part.rawValue, action: .changed, now: text(now),
      before: setting.before.map(text))
  }

  private var classes: [Plan.Item] {
    differences.classes.compactMap { change in
      Plan.Item.Action(isBefore: change.before != nil, isAfter: change.after != nil).map {
        Plan.Item(
          part: .addressClass, name: "\(change.name)", action: $0,
          now: change.after?.description, before: change.before?.description)
      }
    }
  }

  private var rates: [Plan.Item] {
    differences.rates.flatMap { change in
      [false, true].compactMap { isBytes -> Plan.Item? in
        let slot = RateSlot(selector: change.selector, isTotal: change.isTotal, isBytes: isBytes)
        let isMeant = { (rate: Rate) in (rate.unit != .packets) == isBytes }
        let (before, now) = (
          change.before.first(where: isMeant), change.after.first(where: isMeant)
        )
        guard before != now,
          let action = Plan.Item.Action(isBefore: before != nil, isAfter: now != nil)
        else { return nil }
        return Plan.Item(
          part: .rate, name: slot.name, action: action, now: now?.terms, before: before?.terms)
      }
    }
    .sorted { $0.name < $1.name }
  }

  private var lists: [Plan.Item] {
    differences.lists.compactMap { change in
      Plan.Item.Action(isBefore: change.before != nil, isAfter: change.after != nil).map {
        Plan.Item(
          part: .list, name: "\(change.name)", action: $0, now: change.after?.text,
          before: change.before?.text)
      }
    }
  }

  /// In their order, and then those that go. A rule that is not in the same place among those that stay has its place.
  private var rules: [Plan.Item] {
    guard let after = differences.rules.change else { return [] }
    let before = differences.rules.before ?? []
    let old = Dictionary(before.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
    let kept = Set(after.map(\.name)).intersection(old.keys)
    let oldOrder = before.map(\.name).filter(kept.contains)
    let newOrder = after.map(\.name).filter(kept.contains)
    let moved = Set(zip(oldOrder, newOrder).filter { $0 != $1 }.map(\.1))
    let put = after.enumerated().compactMap { place, rule -> Plan.Item? in
      let was = old[rule.name]
      let isMoved = moved.contains(rule.name)
      if was?.says(rule) == true, !isMoved { return nil }
      return Plan.Item(
        part: .rule, name: "\(rule.name)", action: was == nil ? .added : .changed,
        now: (isMoved ? "place \(place + 1), " : "") + rule.text, before: was?.text)
    }
    let gone = before.filter { !kept.contains($0.name) }.map {
      Plan.Item(part: .rule, name: "\($0.name)", action: .removed, now: nil, before: $0.text)
    }
    return put + gone
  }

  private var drops: [Plan.Item] {
    differences.drops.flatMap { list, entries in
      entries.sorted { $0.element < $1.element }.compactMap { drop in
        action(drop).map {
          Plan.Item(
            part: .drop, name: list == .manual ? "\(drop.element)" : "\(drop.element) list \(list)",
            action: $0, now: drop.after?.text, before: drop.before?.text)
        }
      }
    }
  }

  /// For each key that changes, all its places; a key that moves exists before and after.
  private var places: [(key: AllowKey, places: [Plan.Difference<Policy.Key>])] {
    differences.keys.grouped(by: \.element.key).filter { !$0.value.allSatisfy(\.isNone) }
      .map { ($0.key, $0.value) }
  }

  private func action(_ places: [Plan.Difference<Policy.Key>]) -> Plan.Item.Action? {
    Plan.Item.Action(
      isBefore: places.contains { $0.before != nil }, isAfter: places.contains { $0.after != nil })
  }

  private var keys: [Plan.Item] {
    places.sorted { $0.key < $1.key }.compactMap { key, places in
      action(places).map {
        Plan.Item(
          part: .key, name: "\(key)", action: $0, now: text(places, \.after),
          before: text(places, \.before))
      }
    }
  }

  private func text(
    _ places: [Plan.Difference<Policy.Key>],
    _ moment: KeyPath<Plan.Difference<Policy.Key>, Policy.Conditions?>
  ) -> String? {
    let texts = places.sorted { $0.element < $1.element }.compactMap { place in
      place[keyPath: moment].map { conditions in
        (place.element.isProtected ? ["protected"] : []) + conditions.words
      }
    }
    return texts.isEmpty ? nil : texts.map { $0.joined(separator: ", ") }.joined(separator: "; ")
  }
}
