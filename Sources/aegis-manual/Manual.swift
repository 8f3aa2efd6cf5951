/// The pages of a program: one for itself and one for each of its verbs.
struct Manual {
  static let section = 8

  let program: Command
  let edition: Edition
  /// mdoc text that is included unchanged in the program's page.
  let concepts: String?

  var pages: [Page] {
    [Page(manual: self, command: program)]
      + program.verbs.map { Page(manual: self, command: $0) }
  }

  var names: [String] { pages.map(\.name).sorted() }
}
