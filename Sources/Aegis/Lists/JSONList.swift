internal import FoundationEssentials

/// JSON output of other programs and of Aegis itself: one value, or one on each line.
enum JSONList {
  /// Members of both kinds of values that are read.
  private struct Envelope: Decodable {
    let nftables: [Lenient<NFTObject>]?
    let kind: String?
  }

  static func read<Element: ListElement>(
    _ bytes: ArraySlice<UInt8>, _ options: ListOptions
  ) -> ListContents<Element> {
    var contents = ListContents<Element>(bounds: options.boundsInForce)
    do throws(InputError) {
      if let lines = lines(bytes) {
        try checkNoSet(options)
        read(lines, options, into: &contents)
      } else if bytes.first(where: { !isBlank($0) }) == UInt8(ascii: "{") {
        try readObject(Data(bytes), options, into: &contents)
      } else {
        try checkNoSet(options)
        let items: [Lenient<JSONItem>]? = try decode(Data(bytes))
        for (index, item) in (items ?? []).enumerated() {
          take(item.value, .element("list", index), options, into: &contents)
        }
      }
    } catch {
      contents.refuseAll([error])
    }
    return contents
  }

  private static func readObject<Element: ListElement>(
    _ data: Data, _ options: ListOptions, into contents: inout ListContents<Element>
  ) throws(InputError) {
    let envelope: Envelope = try decode(data)
    if let objects = envelope.nftables {
      try check(.nft, options)
      return NFTList.read(objects.compactMap(\.value), options, into: &contents)
    }
    try checkNoSet(options)
    if envelope.kind == "Dump" {
      try check(.json, options)
      // The dump holds what the operator already accepted, so no default bounds apply.
      contents = ListContents(bounds: options.isRemoval ? .none : options.bounds ?? .none)
      try DumpList.read(try decode(data), into: &contents)
    } else if let kind = envelope.kind {
      throw InputError(
        kind, "is not the kind of a list",
        hint: "dump -o json prints documents that can be imported")
    } else {
      let item: JSONItem = try decode(data)
      guard item.isKnown else {
        throw InputError(
          "{", "is not the output of nft -j list set or dump -o json, nor a record of a feed"
        )
      }
      take(item, .line(1), options, into: &contents)
    }
  }

  private static func read<Element: ListElement>(
    _ lines: [ArraySlice<UInt8>], _ options: ListOptions,
    into contents: inout ListContents<Element>
  ) {
    for (index, line) in lines.enumerated() where line.contains(where: { !isBlank($0) }) {
      do throws(InputError) {
        let item: JSONItem = try decode(Data(line))
        take(item, .line(index + 1), options, into: &contents)
      } catch {
        contents.refuse(.line(index + 1), error)
      }
    }
  }

  private static func take<Element: ListElement>(
    _ item: JSONItem?, _ place: ListError.Place, _ options: ListOptions,
    into contents: inout ListContents<Element>
  ) {
    do throws(InputError) {
      guard let item, item.isKnown else {
        throw InputError("{", "is not a known record")
      }
      try check(item.format, options)
      try item.take(place, options, into: &contents)
    } catch {
      contents.refuse(place, error)
    }
  }

  private static func check(_ format: ListFormat, _ options: ListOptions) throws(InputError) {
    guard let wanted = options.format, wanted != format else { return }
    throw InputError(
      format.rawValue, "is the format of this list, not \(wanted.rawValue)",
      hint: "leave out --format: the format is detected")
  }

  private static func checkNoSet(_ options: ListOptions) throws(InputError) {
    guard let set = options.sets.first else { return }
    throw InputError(set, "is not in this list: it has no sets")
  }

  /// Each line on its own, if the first of several lines is a complete value.
  private static func lines(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
    let text = bytes.drop(while: isBlank)
    let first = text.prefix { $0 != ListLine.end }
    guard first.first == UInt8(ascii: "{"),
      first.last(where: { !isBlank($0) }) == UInt8(ascii: "}"),
      text.dropFirst(first.count).first(where: { !isBlank($0) }) == UInt8(ascii: "{")
    else { return nil }
    return bytes.split(separator: ListLine.end, omittingEmptySubsequences: false)
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    ListLine.isBlank(byte) || byte == ListLine.end
  }

  static func decode<Value: Decodable>(_ data: Data) throws(InputError) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: data)
    } catch let error as DecodingError {
      throw InputError(String(decoding: data.prefix(100), as: UTF8.self), problem(error))
    } catch {
      throw InputError(String(decoding: data.prefix(100), as: UTF8.self), "is not JSON")
    }
  }

  private static func problem(_ error: DecodingError) -> String {
    switch error {
    case .dataCorrupted(let context):
      let reason = (context.underlyingError as? CocoaError)?.userInfo["NSDebugDescription"]
      return "is not JSON: \(reason as? String ?? context.debugDescription)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context):
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return "is not the expected JSON, at \"\(path)\""
    @unknown default: return "is not JSON"
    }
  }
}

/// An item of an array whose items may have different shapes.
struct Lenient<Value: Decodable>: Decodable {
  let value: Value?

  init(from decoder: any Decoder) throws {
    value = try? Value(from: decoder)
  }
}
