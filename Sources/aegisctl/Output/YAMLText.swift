import CLibYAML

/// JSON as block-style YAML. JSON is a subset of YAML, so libyaml can read the one and write the other.
enum YAMLText {
  static func text(ofJSON json: String) throws(YAMLError) -> String {
    let parser = try YAMLParser(json)
    let emitter = try YAMLEmitter()
    while true {
      var event = try parser.next()
      try event.restyle()
      let isLast = event.type == YAML_STREAM_END_EVENT
      try emitter.emit(&event)
      if isLast { return emitter.text.printable(keepingLines: true) }
    }
  }
}
