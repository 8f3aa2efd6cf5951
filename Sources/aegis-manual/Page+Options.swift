extension Page {
  /// Options that all forms of the command share are listed once.
  var options: [String] {
    let forms = command.words.isEmpty ? [command] : command.forms
    guard let first = forms.first else { return [] }
    let common = first.entries.filter { entry in
      forms.allSatisfy { $0.entries.contains { $0.key == entry.key } }
    }
    let keys = Set(common.map(\.key))
    let own = forms.flatMap { form -> [String] in
      let entries = form.entries.filter { !keys.contains($0.key) }
      guard !entries.isEmpty else { return [] }
      return [".Ss \(form.words.map(Roff.argument).joined(separator: " "))"] + list(entries)
    }
    return common.isEmpty && own.isEmpty
      ? [] : [".Sh OPTIONS"] + (common.isEmpty ? [] : list(common)) + own
  }

  private func list(_ entries: [Entry]) -> [String] {
    [".Bl -tag -width Ds"] + entries.flatMap { $0.tag + $0.text } + [".El"]
  }
}
