import CLibYAML

extension yaml_event_t {
  /// Gives an event read from JSON the style of handwritten YAML.
  mutating func restyle() throws(YAMLError) {
    switch type {
    case YAML_MAPPING_START_EVENT: data.mapping_start.style = YAML_BLOCK_MAPPING_STYLE
    case YAML_SEQUENCE_START_EVENT: data.sequence_start.style = YAML_BLOCK_SEQUENCE_STYLE
    case YAML_SCALAR_EVENT where data.scalar.style == YAML_PLAIN_SCALAR_STYLE: try restyleNumber()
    case YAML_SCALAR_EVENT: restyleString()
    default: break
    }
  }

  private var scalarText: String {
    String(
      decoding: UnsafeBufferPointer(start: data.scalar.value, count: data.scalar.length),
      as: UTF8.self)
  }

  private mutating func restyleString() {
    data.scalar.plain_implicit = 1
    data.scalar.style =
      PlainScalar.isSafe(scalarText)
      ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE
  }

  private mutating func restyleNumber() throws(YAMLError) {
    let old = scalarText
    let new = PlainScalar.number(old)
    guard new != old else { return }
    yaml_event_delete(&self)
    guard
      yaml_scalar_event_initialize(
        &self, nil, nil, new, CInt(new.utf8.count), 1, 0, YAML_PLAIN_SCALAR_STYLE) == 1
    else { throw YAMLError(nil) }
  }
}
