extension Collection where Element == Double {
  /// 0 where there is nothing.
  var median: Double {
    if isEmpty { return 0 }
    let sorted = sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// Between the least and the greatest, as a share of the median.
  var spread: Double {
    guard let least = self.min(), let greatest = self.max(), median > 0 else { return 0 }
    return (greatest - least) / median
  }
}
