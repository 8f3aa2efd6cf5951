import CLibYAML

/// Writes events as YAML text.
final class YAMLEmitter {
  private let emitter: UnsafeMutablePointer<yaml_emitter_t>
  private var bytes: [UInt8] = []

  /// The corresponding C functions are `yaml_emitter_initialize` and `yaml_emitter_set_output`.
  init() throws(YAMLError) {
    emitter = .allocate(capacity: 1)
    guard yaml_emitter_initialize(emitter) == 1 else {
      // `deinit` runs even then, and may delete a zeroed emitter.
      emitter.initialize(to: yaml_emitter_t())
      throw YAMLError(nil)
    }
    yaml_emitter_set_unicode(emitter, 1)
    // No folding: each value stays on one line.
    yaml_emitter_set_width(emitter, -1)
    yaml_emitter_set_output(
      emitter,
      { context, chunk, count in
        guard let context, let chunk else { return 0 }
        Unmanaged<YAMLEmitter>.fromOpaque(context).takeUnretainedValue()
          .bytes.append(contentsOf: UnsafeBufferPointer(start: chunk, count: count))
        return 1
      },
      Unmanaged.passUnretained(self).toOpaque())
  }

  deinit {
    yaml_emitter_delete(emitter)
    emitter.deallocate()
  }

  /// Takes ownership of the event, even if it throws.
  ///
  /// The corresponding C function is `yaml_emitter_emit`.
  func emit(_ event: inout yaml_event_t) throws(YAMLError) {
    guard yaml_emitter_emit(emitter, &event) == 1 else { throw YAMLError(emitter.pointee.problem) }
  }

  /// Complete after the end of the stream was emitted.
  var text: String { String(decoding: bytes, as: UTF8.self) }
}
