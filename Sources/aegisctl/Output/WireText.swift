/// How the two ports of a wire are shown.
enum WireText {
  static func ports(_ name: String, _ peer: String?) -> String {
    peer.map { "\(name) <-> \($0)" } ?? name
  }
}
