import TestSupport
import Testing

/// The parent of all suites that run the program: they share one and so take turns.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct DatapathTests {}
