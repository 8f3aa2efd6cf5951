extension Collection where Element == Double {
  /// The median; 0 if there are no values.
  var median: Double {
    if isEmpty { return 0 }
    let sorted = sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// The difference between the largest and the smallest value, as a share of the median.
  var spread: Double {
    guard let least = self.min(), let greatest = self.max(), median > 0 else { return 0 }
    return (greatest - least) / median
  }
}
