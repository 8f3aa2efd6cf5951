/// What `nft -j list set` and `nft -j list ruleset` print, as far as it concerns lists.
struct NFTObject: Decodable {
  let set: NFTSet?
}

struct NFTSet: Decodable {
  let name: String
  /// A name, or several for a concatenation.
  let type: Lenient<String>?
  let timeout: UInt64?
  let elem: [Lenient<NFTElement>]?
}

enum NFTList {
  private static let types = ["ipv4_addr", "ipv6_addr"]

  static func read<Element: ListElement>(
    _ objects: [NFTObject], into contents: inout ListContents<Element>
  ) throws(InputError) {
    let sets = objects.compactMap(\.set)
    guard !sets.isEmpty else {
      throw InputError(
        "nftables", "has no set", hint: "nft -j list set FAMILY TABLE SET prints one")
    }
    for set in sets {
      if let type = set.type, !types.contains(type.value ?? "") {
        contents.refuse(
          .whole,
          InputError(set.name, "is a set of \(type.value ?? "several things"), not of addresses"))
      } else {
        read(set, into: &contents)
      }
    }
  }

  private static func read<Element: ListElement>(
    _ set: NFTSet, into contents: inout ListContents<Element>
  ) {
    for (index, element) in (set.elem ?? []).enumerated() {
      do throws(InputError) {
        guard let element = element.value else {
          throw InputError("\(set.name)[\(index)]", "is not an address, a prefix or a range")
        }
        let terms = try terms(of: element, in: set)
        var notes: [InputNote] = []
        for source in try element.value.elements(noting: &notes) as [Element] {
          contents.append(source, line: index + 1, terms)
        }
        contents.note(.element(set.name, index), notes)
      } catch {
        contents.refuse(.element(set.name, index), error)
      }
    }
  }

  private static func terms(
    of element: NFTElement, in set: NFTSet
  ) throws(InputError) -> ListTerms {
    var terms = ListTerms()
    let timeout = element.timeout ?? set.timeout ?? 0
    // What ends within this second still ends.
    let left = element.expires.map { max($0, 1) } ?? timeout
    terms.lifetime = try ListLife.seconds(left, of: set.name)
    terms.note = element.comment.flatMap(Note.init(clipping:))
    return terms
  }
}
