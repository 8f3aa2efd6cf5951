import ArgumentParser

extension CommandConfiguration {
  /// The configuration of a verb. Both names are given so that parsing is quick: without the first it is
  /// derived by a search of all types, without the second every parse tries for a completion script first.
  static func verb(
    _ name: String, usage: String, abstract: String, discussion: String
  ) -> CommandConfiguration {
    CommandConfiguration(
      commandName: name, _superCommandName: "aegisctl", abstract: abstract,
      usage: "aegisctl \(name) \(usage)", discussion: discussion)
  }
}
