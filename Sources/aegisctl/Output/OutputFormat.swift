import ArgumentParser

/// How a report is printed.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  case table, wide, json, yaml, name
}
