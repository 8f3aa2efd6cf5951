import Aegis
import Testing

/// Text that a parser must refuse, and part of what it must say.
struct Malformed: Sendable, CustomTestStringConvertible {
  let text: String
  let problem: String
  /// Part of the hint; nil where there must be none.
  let hint: String?

  init(_ text: String, _ problem: String, hint: String? = nil) {
    self.text = text
    self.problem = problem
    self.hint = hint
  }

  var testDescription: String { text.debugDescription }

  /// Expects the refusal and returns it.
  @discardableResult
  func refused<Value>(
    sourceLocation: SourceLocation = #_sourceLocation,
    by parse: (String) throws(InputError) -> Value
  ) -> InputError? {
    do throws(InputError) {
      let value = try parse(text)
      Issue.record("was read as \(value)", sourceLocation: sourceLocation)
      return nil
    } catch {
      #expect(error.problem.contains(problem), sourceLocation: sourceLocation)
      if let hint {
        #expect(error.hint?.contains(hint) == true, sourceLocation: sourceLocation)
      } else {
        #expect(error.hint == nil, sourceLocation: sourceLocation)
      }
      return error
    }
  }
}
