import CLibBPF
import Glibc
public import Linux

/// The reading end of a ring buffer whose records all have one type.
public struct RingBuffer<Record: BitwiseCopyable>: ~Copyable {
  /// The last component of its path, used in errors.
  public let name: String
  private let descriptor: FileDescriptor
  private let reader: OpaquePointer
  private let sink: RecordSink

  /// Opens a pinned ring buffer. A waiting record goes to the first reader that takes it.
  ///
  /// - Throws: EINVAL if the map has another type.
  ///
  /// The corresponding C functions are `bpf_obj_get` and `ring_buffer__new`.
  public init(pinnedAt path: String) throws(SystemError) {
    try self.init(RawMap.open(pinnedAt: path), name: path.lastPathComponent)
  }

  /// Takes over the descriptor of a ring buffer.
  ///
  /// - Throws: EINVAL if the map has another type.
  ///
  /// The corresponding C function is `ring_buffer__new`.
  public init(_ descriptor: consuming FileDescriptor, name: String) throws(SystemError) {
    let number = descriptor.rawValue
    let sink = RecordSink()
    let context = Unmanaged.passUnretained(sink).toOpaque()
    let ((reader, code), log) = LibBPFLog.collect {
      (ring_buffer__new(number, RecordSink.receive, context, nil), Glibc.errno)
    }
    guard let reader else {
      throw SystemError(operation: "map", subject: name, errno: code, log: log)
    }
    self.reader = reader
    self.sink = sink
    self.name = name
    self.descriptor = descriptor
  }

  deinit {
    ring_buffer__free(reader)
  }

  /// The kernel's information about the map.
  ///
  /// The corresponding C function is `bpf_obj_get_info_by_fd`.
  public func info() throws(SystemError) -> MapInfo { try MapInfo(of: descriptor, named: name) }

  /// Takes waiting records in order, at most `most` of them. Records shorter than `Record` are skipped.
  ///
  /// The corresponding C function is `ring_buffer__consume`.
  public mutating func take(atMost most: Int) throws(SystemError) -> [Record] {
    var records: [Record] = []
    var room = most
    let result = sink.collect(from: reader) { bytes in
      if bytes.count >= MemoryLayout<Record>.size {
        records.append(bytes.loadUnaligned(as: Record.self))
      }
      room -= 1
      return room > 0
    }
    if result != RecordSink.enough { try check(result, "read", name) }
    return records
  }
}

/// The target of libbpf's callback for each record. It is not nested in the generic type, since a C callback cannot be
/// generic.
private final class RecordSink {
  static let enough = -ECANCELED
  /// Returns whether there is room for another record.
  private var take: (UnsafeRawBufferPointer) -> Bool = { _ in false }

  func collect(
    from reader: OpaquePointer, _ take: (UnsafeRawBufferPointer) -> Bool
  ) -> CInt {
    withoutActuallyEscaping(take) { take in
      self.take = take
      defer { self.take = { _ in false } }
      return ring_buffer__consume(reader)
    }
  }

  static let receive: ring_buffer_sample_fn = { context, data, size in
    guard let context, let data else { return RecordSink.enough }
    let sink = Unmanaged<RecordSink>.fromOpaque(context).takeUnretainedValue()
    return sink.take(UnsafeRawBufferPointer(start: data, count: size)) ? 0 : RecordSink.enough
  }
}
