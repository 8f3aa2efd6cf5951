internal import Foundation

/// A JSON value to look into; what is absent is null, as are its parts.
public struct JSON: CustomStringConvertible {
  private let value: Any?

  private init(_ value: Any?) {
    self.value = value is NSNull ? nil : value
  }

  public init(parsing text: String) throws {
    do {
      let data = Data(text.utf8)
      self.init(try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed))
    } catch {
      throw SupportError("not JSON: \(text.prefix(300))")
    }
  }

  public subscript(key: String) -> JSON { JSON((value as? [String: Any])?[key]) }

  public subscript(index: Int) -> JSON {
    guard let array = value as? [Any], array.indices.contains(index) else { return JSON(nil) }
    return JSON(array[index])
  }

  public var array: [JSON] { (value as? [Any] ?? []).map { JSON($0) } }
  public var keys: [String] { (value as? [String: Any] ?? [:]).keys.sorted() }
  public var int: Int? { (value as? NSNumber)?.intValue }
  public var double: Double? { (value as? NSNumber)?.doubleValue }
  public var bool: Bool? { (value as? NSNumber)?.boolValue }
  public var string: String? { value as? String }
  public var isNull: Bool { value == nil }

  /// The first object of an array that says this.
  public func first(_ key: String, _ wanted: String) -> JSON {
    array.first { $0[key].string == wanted } ?? JSON(nil)
  }

  public var description: String { value.map { "\($0)" } ?? "null" }
}
