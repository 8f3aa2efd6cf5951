import ArgumentParser

extension CommandConfiguration {
  /// The configuration of a verb. Both names are given to make parsing fast: without the first, ArgumentParser
  /// searches all types to derive it; without the second, every parse tries a completion script first.
  static func verb(
    _ name: String, usage: String, abstract: String, discussion: String
  ) -> CommandConfiguration {
    CommandConfiguration(
      commandName: name, _superCommandName: "aegisctl", abstract: abstract,
      usage: "aegisctl \(name) \(usage)", discussion: discussion)
  }
}
