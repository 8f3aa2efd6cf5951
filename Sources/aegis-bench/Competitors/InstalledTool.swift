import BPF

/// Another tool, which may not be installed here. An empty XDP program runs before it, so that packets arrive as they
/// do for the other competitors.
class InstalledTool: Competitor {
  let name: String
  let veth: VethPair
  private let pass: ProgramUnderTest
  private var link: BPFLink?

  init(_ name: String, on veth: VethPair, behind pass: ProgramUnderTest) {
    self.name = name
    self.veth = veth
    self.pass = pass
  }

  var frame: [UInt8] { Frame.udp(from: 0) }

  func attach() throws {
    link = try BPFLink(attaching: pass.program, to: veth.index, mode: .native)
  }

  func detach() throws {
    try link?.detach()
    link = nil
  }

  func verdicts() throws -> Verdicts? { nil }
}

extension StringProtocol {
  /// The number after a word, as in `packets 12`.
  func number(after word: String) -> UInt64? {
    let words = split { $0 == " " || $0 == "\n" || $0 == "\t" }
    guard let place = words.firstIndex(where: { $0 == word }), place + 1 < words.endIndex else {
      return nil
    }
    return UInt64(words[place + 1])
  }
}
