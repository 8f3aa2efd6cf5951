import Aegis
import Foundation
import TestSupport
import Testing

@testable import aegisctl

/// What `apply --schema` prints.
@Suite struct PolicySchemaTests {
  @Test func everyFieldIsDocumented() throws {
    let outcome = try TestSupport.Aegisctl().run(["apply", "--schema"])
    #expect(outcome.status == 0 && outcome.error == "")
    let schema = try outcome.json
    #expect(schema["$schema"].string == "https://json-schema.org/draft/2020-12/schema")
    var names: [String] = []
    for document in schema["oneOf"].array { Self.walk(document, "", &names) }
    let wanted = [
      "apiVersion", "spec.default", "spec.mode", "spec.sourcePrefix.v4", "spec.rates[].algorithm",
      "spec.drops[].expires", "spec.keys[].protect", "spec.capacities.drops",
      "spec.interfaces[].match", "spec.relay.users[].to", "spec.relay.keyFile",
      "spec.lists[].file", "spec.lists[].entries[].expires", "spec.rules[].match.sourcePort",
      "spec.out.rules[].not.from",
    ]
    #expect(Set(wanted).isSubset(of: names))
    #expect(names.count == 196, "\(names)")
  }

  /// Collects the names of all fields.
  private static func walk(_ schema: JSON, _ path: String, _ names: inout [String]) {
    let properties = schema["properties"]
    #expect(
      properties.keys.isEmpty || schema["additionalProperties"].bool == false, "\(path)")
    #expect(schema["x-order"].array.compactMap(\.string).sorted() == properties.keys, "\(path)")
    for name in properties.keys {
      let field = properties[name]
      let place = path.isEmpty ? name : "\(path).\(name)"
      names.append(place)
      #expect((field["description"].string?.count ?? 0) > 10, "\(place)")
      walk(field, place, &names)
      let item = field["items"]
      walk(item["anyOf"].isNull ? item : item["anyOf"][1], place + "[]", &names)
    }
  }

  @Test func theSampleIsAPolicy() {
    var reader = PolicyReader()
    reader.read(Array(PolicyFields.sample.utf8), named: "sample")
    #expect(reader.errors.map(\.message) == [])
    #expect(reader.policy.count == 16 && reader.notes.isEmpty)
  }

  static let validator = """
    import json, sys, yaml, jsonschema
    schema = json.load(open(sys.argv[1]))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    text = open(sys.argv[2]).read()
    document = yaml.safe_load(text)
    print(len(list(validator.iter_errors(document))))
    """

  static let canValidate = Tool.areExpected(pythonModules: "yaml, jsonschema")

  /// By somebody else's validator: what it takes and what the reader takes is the same.
  @Test(
    .enabled(if: canValidate, "needs python3 with yaml and jsonschema"),
    arguments: [
      ("spec: {}", true), ("spec: {drops: [192.0.2.1, {source: '::1', note: x}], keys: []}", true),
      ("spec: {rates: [{rate: 1/s, burst: 3, total: true}], mode: monitor}", true),
      ("spec: {sourcePrefix: {v4: 24, v6: 56}, keys: [{key: any, protect: true}]}", true),
      ("spec: {relay: {users: [{user: a, to: '192.0.2.1:1', rate: 'off'}]}}", true),
      ("spec: {relay: {users: [{user: a, to: '192.0.2.1:1', rate: 5/s, burst: 7}]}}", true),
      ("spec: {relay: {users: [{user: a}]}}", false), ("spec: {relay: {users: [a]}}", false),
      ("spec: {lists: [{name: a, direction: both, entries: ['::1', {source: '::2'}]}]}", true),
      ("spec: {lists: [{name: a, action: none, monitor: true}, {name: b, entries: []}]}", true),
      ("spec: {lists: [a]}", false), ("spec: {lists: [{action: none}]}", false),
      ("spec: {lists: [{name: a, entries: '::1'}]}", false),
      ("spec: {lists: [{name: a, entries: [{sorce: '::1'}]}]}", false),
      ("spec: {lists: [{name: a, direction: inout}]}", false),
      ("spec: {out: {lists: []}}", false),
      ("spec: {rules: [{name: a, match: {from: [192.0.2.1, '::1'], port: 80}, then: drop}]}", true),
      ("spec: {rules: [{name: a, not: {icmp: [8, 0], fragment: false}, then: allow}]}", true),
      ("spec: {rules: [{name: a, then: limit, rate: 5/s, burst: 7, total: true}]}", true),
      ("spec: {rules: [{name: a, then: limit, rate: 'off', monitor: true, note: x}]}", true),
      ("spec: {out: {rules: [{name: a, match: {dscp: [cs1, 3]}, then: drop}]}}", true),
      ("spec: {rules: [{name: a, match: {port: 53/udp}, then: hook, monitor: true}]}", true),
      ("spec: {rules: [a]}", false), ("spec: {rules: [{name: a}]}", false),
      ("spec: {rules: [{name: a, then: reject}]}", false),
      ("spec: {rules: [{name: a, then: drop, match: {ports: 80}}]}", false),
      ("spec: {rules: [{name: a, then: drop, match: {port: []}}]}", false),
      ("spec: {rules: [{name: a, then: drop, match: {port: {a: 1}}}]}", false),
      ("spec: {rules: [{name: a, then: drop, match: {fragment: 1}}]}", false),
      ("spec: {rules: [{name: a, then: drop, match: [80]}]}", false),
      ("spec: {relay: []}", false), ("spec: {drops: [{sorce: '::1'}]}", false),
      ("spec: {drops: {}}", false),
      ("spec: {default: perhaps}", false), ("spec: {sourcePrefix: {v4: 24}}", false),
      ("spec: {sourcePrefix: {v4: 33, v6: 64}}", false), ("spec: {rates: ['1/s']}", false),
      ("spec: {rates: [{rate: 1/s, burst: 0}]}", false),
      ("spec: {rates: [{rate: 1MB/s, burst: 1MB}, {rate: 1/s, burst: 10k}]}", true),
      ("spec: {rates: [{rate: 1/s, burst: lots}]}", false), ("spec: null", false),
      ("spec: {drops: [{source: '::1', monitor: 'true'}]}", false), ("spce: {}", false),
    ] as [(String, Bool)])
  func agreesWithTheReader(_ spec: String, _ isValid: Bool) throws {
    let text = "apiVersion: aegis/v1\nkind: Policy\n\(spec)\n"
    var reader = PolicyReader()
    reader.read(Array(text.utf8), named: "policy")
    #expect(reader.errors.isEmpty == isValid)
    let schema = try TestSupport.Aegisctl().run(["apply", "--schema"]).output
    try TemporaryDirectory.with { directory in
      let schema = try directory.file("schema", Data(schema.utf8))
      let policy = try directory.file("policy", Data(text.utf8))
      let found = try Command(["python3", "-c", Self.validator, schema, policy]).succeed()
      #expect((found == "0\n") == isValid, "\(found)")
    }
  }

  @Test func schemaOrFile() throws {
    for arguments in [["apply"], ["apply", "--schema", "-f", "x"], ["diff"]] {
      #expect(try TestSupport.Aegisctl().run(arguments).status == 64)
    }
  }
}
