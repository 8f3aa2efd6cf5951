import TestSupport

enum Tool {
  static func isInstalled(_ name: String) -> Bool {
    (try? Command(["which", name]).run())?.status == 0
  }
}
