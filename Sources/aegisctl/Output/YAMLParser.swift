import CLibYAML

/// The events of a YAML text.
struct YAMLParser: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>

  /// The corresponding C functions are `yaml_parser_initialize` and `yaml_parser_set_input_string`.
  init(_ text: String) throws(YAMLError) { try self.init(bytes: text.utf8) }

  /// Parses UTF-8 text; other bytes are an error when the parser reaches them. Byte order marks at the beginning of
  /// documents are removed: libyaml skips one without noticing that the line has only begun.
  init(bytes: some Collection<UInt8>) throws(YAMLError) {
    let bytes = ByteOrderMark.removed(Array(bytes))
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      throw YAMLError(nil)
    }
    let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    _ = input.initialize(from: bytes)
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    self.parser = parser
    self.input = input
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  /// The next event. The caller must pass it to `YAMLEmitter.emit` or `yaml_event_delete`.
  ///
  /// The corresponding C function is `yaml_parser_parse`.
  func next() throws(YAMLError) -> yaml_event_t {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw YAMLError(parser.pointee.problem) }
    return event
  }

  /// The lines of the text from the first to this one, which is from 1.
  func lines(to last: Int) -> [Substring] {
    String(decoding: input, as: UTF8.self)
      .split(omittingEmptySubsequences: false) { $0.isNewline }.prefix(last).map { $0 }
  }

  /// The line where parsing stopped, from 1.
  var problemLine: Int {
    guard parser.pointee.error == YAML_READER_ERROR else {
      return parser.pointee.problem_mark.line + 1
    }
    let newline = UInt8(ascii: "\n")
    return input.prefix(parser.pointee.problem_offset).count { $0 == newline } + 1
  }
}
