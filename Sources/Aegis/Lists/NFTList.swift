/// The parts of the output of `nft -j list set` and `nft -j list ruleset` that concern lists.
struct NFTObject: Decodable {
  let set: NFTSet?
  let map: NFTMap?
}

struct NFTSet: Decodable, NFTContainer {
  let family: String?
  let table: String?
  let name: String
  /// A name, or several for a concatenation.
  let type: Lenient<String>?
  let timeout: UInt64?
  let elem: [Lenient<NFTElement>]?
}

/// Its members have values, which entries do not have.
struct NFTMap: Decodable, NFTContainer {
  let family: String?
  let table: String?
  let name: String
}

protocol NFTContainer {
  var family: String? { get }
  var table: String? { get }
  var name: String { get }
}

extension NFTContainer {
  /// The name that nft uses in commands.
  var path: String { [family, table, name].compactMap(\.self).joined(separator: " ") }
}

enum NFTList {
  private static let types = ["ipv4_addr", "ipv6_addr"]

  static func read<Element: ListElement>(
    _ objects: [NFTObject], _ options: ListOptions, into contents: inout ListContents<Element>
  ) {
    let sets = objects.compactMap(\.set)
    let all: [any NFTContainer] = sets + objects.compactMap(\.map)
    guard !all.isEmpty else {
      return contents.refuseAll([
        InputError(
          "nftables", "has no set", hint: "print one with nft -j list set FAMILY TABLE SET")
      ])
    }
    let choice = SetChoice(all.map(\.path), options.sets.map { path(of: $0, in: all) })
    var reasons = choice.errors
    for path in choice.chosen where choice.errors.isEmpty {
      guard let set = sets.first(where: { $0.path == path }) else {
        if all.contains(where: { $0.path == path }) {
          reasons.append(InputError(path, "is a map; only sets can be imported"))
        }
        continue
      }
      if let problem = problem(of: set) {
        reasons.append(InputError(path, problem))
      } else {
        read(set, options, into: &contents)
      }
    }
    if !reasons.isEmpty { contents.refuseAll(reasons) }
  }

  /// The name alone is enough if it is unique.
  private static func path(of name: String, in all: [any NFTContainer]) -> String {
    let named = all.filter { $0.name == name }
    return named.count == 1 ? named[0].path : name
  }

  /// Why a set cannot be imported.
  private static func problem(of set: NFTSet) -> String? {
    if let type = set.type, !types.contains(type.value ?? "") {
      return "is a set of \(type.value ?? "several types"), not of addresses"
    }
    let condition = set.elem?.lazy.compactMap(\.value?.condition).first
    return condition.map { "has elements with a \($0), which an entry cannot have" }
  }

  private static func read<Element: ListElement>(
    _ set: NFTSet, _ options: ListOptions, into contents: inout ListContents<Element>
  ) {
    for (index, element) in (set.elem ?? []).enumerated() {
      do throws(InputError) {
        guard let element = element.value else {
          throw InputError("\(set.name)[\(index)]", "is not an address, a prefix or a range")
        }
        try contents.take(.element(set.name, index), terms(of: element, in: set)) {
          notes throws(InputError) in
          try element.value.elements(options, noting: &notes)
        }
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
    // An element that expires within this second still expires.
    let left = element.expires.map { max($0, 1) } ?? timeout
    terms.lifetime = try ListLife.seconds(left, of: set.name)
    terms.note = element.comment.flatMap(Note.init(clipping:))
    return terms
  }
}
