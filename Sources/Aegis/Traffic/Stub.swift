internal import Linux
extension PinRoot {
  static func maps(of direction: Direction, in generation: String) -> String { generation }
}
