import Glibc

struct Pipe: Sendable {
  let reading: CInt
  let writing: CInt

  init() throws {
    var ends: [CInt] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure(errno: errno) }
    (reading, writing) = (ends[0], ends[1])
  }

  func readAll() -> [UInt8] {
    var result: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(reading, &chunk, chunk.count)
      guard count > 0 else { return result }
      result += chunk[..<count]
    }
  }

  func close() {
    Glibc.close(reading)
    Glibc.close(writing)
  }

  struct Failure: Error {
    let errno: CInt
  }
}
