import Aegis
import ArgumentParser

/// A type that the table reads words into; the table defines both members for it.
protocol TableRead: ParsableArguments {
  static var table: [Vocabulary.Word] { get }

  /// - Throws: An error if a value is wrong; its message is never shown.
  init(_ given: VerbWords) throws
}

/// A verb in the table.
protocol Verb: TableRead, ParsableCommand {}

extension Verb {
  static var name: String { configuration.commandName ?? "" }

  static func takes(_ option: String) -> Bool { table.contains { $0.names.contains(option) } }
}

/// Why the table cannot read words.
enum Unread: Error {
  case value, missing
}

/// The values of words, by the place of an argument or the long name of an option.
extension VerbWords {
  func has(_ name: String) -> Bool { options.contains { $0.word.names[0] == name } }

  func value<Value: ExpressibleByArgument>(
    _ name: String, alone: Value? = nil
  ) throws -> Value? {
    try value(name, alone: alone, by: Self.read)
  }

  func value<Value>(
    _ name: String, alone: Value? = nil, by transform: (String) throws -> Value
  ) throws -> Value? {
    guard let given = options.last(where: { $0.word.names[0] == name }) else { return nil }
    return try given.value.map(transform) ?? alone
  }

  func all<Value: ExpressibleByArgument>(_ name: String) throws -> [Value] {
    try all(name, by: Self.read)
  }

  func all<Value>(_ name: String, by transform: (String) throws -> Value) throws -> [Value] {
    try options.filter { $0.word.names[0] == name }.compactMap { try $0.value.map(transform) }
  }

  func value<Value: ExpressibleByArgument>(_ place: Int) throws -> Value? {
    place < positionals.count ? try Self.read(positionals[place]) : nil
  }

  func all<Value: ExpressibleByArgument>(_ place: Int) throws -> [Value] {
    try positionals.dropFirst(place).map(Self.read)
  }

  func required<Value>(_ value: Value?) throws(Unread) -> Value {
    guard let value else { throw .missing }
    return value
  }

  private static func read<Value: ExpressibleByArgument>(_ text: String) throws -> Value {
    guard let value = Value(argument: text) else { throw Unread.value }
    return value
  }
}
