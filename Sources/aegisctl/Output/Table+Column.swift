extension Table {
  struct Column: ExpressibleByStringLiteral {
    enum Alignment {
      case left, right
    }

    let title: String
    let alignment: Alignment

    init(_ title: String, _ alignment: Alignment = .left) {
      self.title = title
      self.alignment = alignment
    }

    init(stringLiteral title: String) {
      self.init(title)
    }

    /// A column of numbers.
    static func right(_ title: String) -> Column {
      Column(title, .right)
    }
  }
}
