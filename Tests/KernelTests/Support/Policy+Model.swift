@testable import TestModel

/// Not the product's.
typealias Policy = TestModel.Policy
