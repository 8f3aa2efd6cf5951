internal import FoundationEssentials

/// What other programs print as JSON, and Aegis itself.
enum JSONList {
  /// Either of what is read has its own members.
  private struct Envelope: Decodable {
    let nftables: [Lenient<NFTObject>]?
    let kind: String?
  }

  static func read<Element: ListElement>(_ bytes: ArraySlice<UInt8>) -> ListContents<Element> {
    var contents = ListContents<Element>()
    do throws(InputError) {
      let data = Data(bytes)
      let envelope: Envelope = try decode(data)
      if let objects = envelope.nftables {
        try NFTList.read(objects.compactMap(\.value), into: &contents)
      } else if envelope.kind == "Dump" {
        try DumpList.read(try decode(data), into: &contents)
      } else if let kind = envelope.kind {
        throw InputError(kind, "is not a kind of list", hint: "a list is what dump -o json prints")
      } else {
        throw InputError("{", "begins neither what nft -j list set prints nor dump -o json")
      }
    } catch {
      contents.refuse(.whole, error)
    }
    return contents
  }

  private static func decode<Value: Decodable>(_ data: Data) throws(InputError) -> Value {
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
      return "is JSON of another shape, at \"\(path)\""
    @unknown default: return "is not JSON"
    }
  }
}

/// An item of an array that may be of another shape than its neighbours.
struct Lenient<Value: Decodable>: Decodable {
  let value: Value?

  init(from decoder: any Decoder) throws {
    value = try? Value(from: decoder)
  }
}
