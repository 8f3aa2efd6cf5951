import Aegis

extension Metrics {
  /// Families without samples are not written.
  var families: [MetricFamily] {
    var build = MetricFamily(
      name: "aegis_build_info", kind: .gauge, help: "Constant 1, with the version of aegisctl.")
    build.add(1, ["version": Version.text])
    var loaded = MetricFamily(
      name: "aegis_loaded", kind: .gauge, help: "Whether a datapath is loaded.")
    loaded.add(origin == nil ? 0 : 1)
    return [build, loaded] + counters + (origin.map(state) ?? []) + relayFamilies
  }

  private var counters: [MetricFamily] {
    var packets = MetricFamily(
      name: "aegis_packets_total", kind: .counter,
      help: "Packets decided, by interface, direction, verdict and reason.")
    var bytes = MetricFamily(
      name: "aegis_bytes_total", kind: .counter,
      help: "Bytes of whole frames decided, by interface, direction, verdict and reason.")
    var wouldDrop = MetricFamily(
      name: "aegis_would_drop_packets_total", kind: .counter,
      help: "Packets that passed but would be dropped if not only monitored.")
    var wouldDropBytes = MetricFamily(
      name: "aegis_would_drop_bytes_total", kind: .counter,
      help: "Bytes of whole frames that passed but would be dropped if not only monitored.")
    var shared = MetricFamily(
      name: "aegis_limiter_shared_packets_total", kind: .counter,
      help: "Limited packets judged by a cell that another source used too.")
    var contended = MetricFamily(
      name: "aegis_limiter_contended_packets_total", kind: .counter,
      help: "Packets dropped because their cell changed under too many attempts.")
    var lost = MetricFamily(
      name: "aegis_wire_lost_frames_total", kind: .counter,
      help: "Frames from this interface that the other port of its wire did not take.")
    var silenced = MetricFamily(
      name: "aegis_wire_silenced_frames_total", kind: .counter,
      help: "Frames of the host itself that were kept from leaving by this port of a wire.")
    for interface in interfaces {
      let counts = interface.counts
      for reason in counts.reasons {
        let verdict = reason.verdict.rawValue
        packets.add(
          counts[reason].packets, interface, ["verdict": verdict, "reason": reason.name])
        bytes.add(
          counts[reason].bytes, interface, ["verdict": verdict, "reason": reason.name])
      }
      // All reasons to drop, even at zero: a series that starts with its first packet has no rate for it.
      for reason in counts.reasons where reason.verdict == .drop {
        let count = counts.wouldDrop[reason] ?? Count()
        wouldDrop.add(count.packets, interface, ["reason": reason.name])
        wouldDropBytes.add(count.bytes, interface, ["reason": reason.name])
      }
      shared.add(counts.shared, interface)
      contended.add(counts.contended, interface)
      if interface.isWire || counts.lost + counts.silenced > 0 {
        lost.add(counts.lost, interface)
        silenced.add(counts.silenced, interface)
      }
    }
    return [packets, bytes, wouldDrop, wouldDropBytes, shared, contended, lost, silenced]
  }

  private func state(_ origin: Origin) -> [MetricFamily] {
    var info = MetricFamily(
      name: "aegis_datapath_info", kind: .gauge,
      help: "Constant 1, with what loaded the datapath.")
    info.add(1, ["version": origin.version, "abi": "\(origin.abi)"])
    var since = MetricFamily(
      name: "aegis_datapath_loaded_timestamp_seconds", kind: .gauge,
      help: "When the datapath was loaded or last replaced, in Unix time.")
    since.add(origin.loadedAt)
    var memory = MetricFamily(
      name: "aegis_memory_bytes", kind: .gauge, help: "Kernel memory of the datapath.")
    memory.add(self.memory)
    var confirm = MetricFamily(
      name: "aegis_confirm_remaining_seconds", kind: .gauge,
      help:
        "Until the policy must be confirmed; absent if it need not be, below 0 everything passes.")
    if let secondsToConfirm { confirm.add(secondsToConfirm) }
    return [info, since, memory, confirm, processing] + policyFamilies + classFamilies
      + listFamilies + ruleFamilies + links
  }

  /// With the labels that the series of a direction have: those of what comes in have none, and existed first.
  private var sides: [(side: Side, labels: [(name: String, value: String)])] {
    [(policy, [])] + (out.map { [($0, [("direction", Direction.out.rawValue)])] } ?? [])
  }

  private var profileFamilies: [MetricFamily] {
    guard let profiles else { return [] }
    var profile = MetricFamily(
      name: "aegis_profile", kind: .gauge, help: "1 for the profile in force, 0 for the others.")
    for name in profiles.names { profile.add(name == profiles.inForce ? 1 : 0, ["name": name]) }
    var switches = MetricFamily(
      name: "aegis_profile_switches_total", kind: .counter,
      help: "How often a profile was put into force by a command.")
    switches.add(profiles.switches, [:])
    return [profile, switches]
  }

  private var policyFamilies: [MetricFamily] {
    var mode = MetricFamily(
      name: "aegis_mode", kind: .gauge, help: "1 for the mode in force, 0 for the other.")
    for each in [PolicyDefaults.Mode.enforce, .monitor] {
      mode.add(each == self.mode ? 1 : 0, ["mode": each.rawValue])
    }
    var action = MetricFamily(
      name: "aegis_default_action", kind: .gauge,
      help: "1 for the default action in force, 0 for the other.")
    var used = MetricFamily(
      name: "aegis_entries", kind: .gauge,
      help: "Entries in force, of the fullest of the maps that share a capacity.")
    var capacity = MetricFamily(
      name: "aegis_entries_capacity", kind: .gauge, help: "Entries that there is room for.")
    for (side, labels) in sides {
      for each in [PolicyDefaults.Default.allow, .deny] {
        action.add(each == side.defaultAction ? 1 : 0, ["action": each.rawValue], labels)
      }
      for fill in side.fills {
        used.add(fill.used, ["list": fill.list], labels)
        capacity.add(fill.capacity, ["list": fill.list], labels)
      }
    }
    return [mode, action, used, capacity] + profileFamilies
  }

  private var classFamilies: [MetricFamily] {
    var packets = MetricFamily(
      name: "aegis_class_packets_total", kind: .counter,
      help: "Packets decided on all interfaces, by class and verdict.")
    var bytes = MetricFamily(
      name: "aegis_class_bytes_total", kind: .counter,
      help: "Bytes of whole frames decided on all interfaces, by class and verdict.")
    var wouldDrop = MetricFamily(
      name: "aegis_class_would_drop_packets_total", kind: .counter,
      help: "Packets that passed but would be dropped if not only monitored, by class.")
    for (side, labels) in sides {
      for one in side.classes {
        guard let name = one.name?.text else { continue }
        for (verdict, count) in [(Verdict.pass, one.passed), (.drop, one.dropped)] {
          packets.add(count.packets, ["class": name, "verdict": verdict.rawValue], labels)
          bytes.add(count.bytes, ["class": name, "verdict": verdict.rawValue], labels)
        }
        wouldDrop.add(one.wouldDrop.packets, ["class": name], labels)
      }
    }
    var ranges = MetricFamily(
      name: "aegis_geo_ranges", kind: .gauge,
      help: "Ranges of addresses whose country is known, by family.")
    var dated = MetricFamily(
      name: "aegis_geo_data_timestamp_seconds", kind: .gauge,
      help: "The date of the oldest file that countries come from, in Unix time.")
    if let geo {
      ranges.add(geo.rangesV4, ["family": "ipv4"])
      ranges.add(geo.rangesV6, ["family": "ipv6"])
      if let oldest = geo.oldest { dated.add(oldest) }
    }
    return [packets, bytes, wouldDrop, ranges, dated]
  }

  private var listFamilies: [MetricFamily] {
    var dropped = MetricFamily(
      name: "aegis_list_dropped_packets_total", kind: .counter,
      help: "Packets dropped on all interfaces, by the list that decided.")
    var bytes = MetricFamily(
      name: "aegis_list_dropped_bytes_total", kind: .counter,
      help: "Bytes of whole frames dropped on all interfaces, by the list that decided.")
    var wouldDrop = MetricFamily(
      name: "aegis_list_would_drop_packets_total", kind: .counter,
      help: "Packets that passed but would be dropped if not only monitored, by list.")
    var entries = MetricFamily(
      name: "aegis_list_entries", kind: .gauge, help: "Entries in force, by list.")
    for (side, labels) in sides {
      for list in side.lists {
        let name: KeyValuePairs = ["list": list.counts.name.text]
        dropped.add(list.counts.dropped.packets, name, labels)
        bytes.add(list.counts.dropped.bytes, name, labels)
        wouldDrop.add(list.counts.wouldDrop.packets, name, labels)
        entries.add(list.entries, name, labels)
      }
    }
    return [dropped, bytes, wouldDrop, entries] + feedFamilies
  }

  private var ruleFamilies: [MetricFamily] {
    var packets = MetricFamily(
      name: "aegis_rule_packets_total", kind: .counter,
      help: "Packets that matched on all interfaces, by rule.")
    var bytes = MetricFamily(
      name: "aegis_rule_bytes_total", kind: .counter,
      help: "Bytes of whole frames that matched on all interfaces, by rule.")
    for (side, labels) in sides {
      for counts in side.rules {
        let name: KeyValuePairs = ["rule": counts.rule.name.text]
        packets.add(counts.matched.packets, name, labels)
        bytes.add(counts.matched.bytes, name, labels)
      }
    }
    return [packets, bytes]
  }

  private var feedFamilies: [MetricFamily] {
    var applied = MetricFamily(
      name: "aegis_list_applied_total", kind: .counter,
      help: "Times that a feed replaced or confirmed the list.")
    var refused = MetricFamily(
      name: "aegis_list_refused_total", kind: .counter,
      help: "Times that a feed of the list was refused.")
    var age = MetricFamily(
      name: "aegis_list_age_seconds", kind: .gauge,
      help: "Since a feed last replaced or confirmed the list; absent if none ever did.")
    for (name, feeds) in feeds.sorted(by: { $0.key < $1.key }) {
      applied.add(feeds.applied, ["list": name.text])
      refused.add(feeds.refused, ["list": name.text])
      if let changed = feeds.changed { age.add(time - min(changed, time), ["list": name.text]) }
    }
    return [applied, refused, age]
  }

  private var links: [MetricFamily] {
    var attached = MetricFamily(
      name: "aegis_interface_attached", kind: .gauge,
      help: "Whether packets of the interface go through the datapath.")
    var declared = MetricFamily(
      name: "aegis_interface_declared", kind: .gauge,
      help: "Whether the interface is to be attached: once it was, and nobody detached it since.")
    for interface in interfaces where interface.mode != "unknown" {
      attached.add(
        interface.isAttached ? 1 : 0, interface, ["mode": interface.mode])
      declared.add(interface.isDeclared ? 1 : 0, interface)
    }
    return [attached, declared]
  }
}

extension MetricFamily {
  /// A sample of a direction of an interface.
  fileprivate mutating func add(
    _ value: some BinaryInteger, _ interface: Metrics.Interface,
    _ labels: KeyValuePairs<String, String> = [:]
  ) {
    let own = [("interface", interface.name), ("direction", interface.direction)]
    samples.append(Sample(labels: own + labels.map { ($0.key, $0.value) }, value: Double(value)))
  }
}
