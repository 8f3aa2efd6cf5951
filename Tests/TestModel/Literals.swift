public import Aegis
import CAegis

// A literal that does not read is a mistake in a test, which may as well trap.

extension IPAddress: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self = try! IPAddress(text) }
}

extension Prefix: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self = try! Prefix(text) }
}

extension AllowKey: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self = try! AllowKey(text) }
}

extension Reason {
  init(_ reason: aegis_reason) { self.init(rawValue: reason.rawValue) }
}
