import CLibYAML

/// An event of libyaml as a Swift value, which needs no manual deallocation.
struct YAMLEventValue {
  enum Kind {
    case other, documentStart, streamEnd, sequenceStart, sequenceEnd, mappingStart, mappingEnd
    case scalar(String, isPlain: Bool)
    case alias(String)
  }

  let kind: Kind
  /// From 1.
  let line: Int
  let anchor: String?
  let tag: String?

  /// Takes ownership of the event.
  init(_ event: consuming yaml_event_t) {
    line = event.start_mark.line + 1
    switch event.type {
    case YAML_DOCUMENT_START_EVENT: (kind, anchor, tag) = (.documentStart, nil, nil)
    case YAML_STREAM_END_EVENT: (kind, anchor, tag) = (.streamEnd, nil, nil)
    case YAML_SEQUENCE_END_EVENT: (kind, anchor, tag) = (.sequenceEnd, nil, nil)
    case YAML_MAPPING_END_EVENT: (kind, anchor, tag) = (.mappingEnd, nil, nil)
    case YAML_ALIAS_EVENT:
      (kind, anchor, tag) = (.alias(Self.text(event.data.alias.anchor) ?? ""), nil, nil)
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      (kind, anchor, tag) = (.sequenceStart, Self.text(start.anchor), Self.text(start.tag))
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      (kind, anchor, tag) = (.mappingStart, Self.text(start.anchor), Self.text(start.tag))
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let text = String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      kind = .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
      (anchor, tag) = (Self.text(scalar.anchor), Self.text(scalar.tag))
    default: (kind, anchor, tag) = (.other, nil, nil)
    }
    yaml_event_delete(&event)
  }

  private static func text(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    bytes.map { String(cString: $0) }
  }
}
