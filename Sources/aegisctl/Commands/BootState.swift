import Aegis
import Glibc

/// What `dump host` saved before a reboot.
struct BootState {
  /// nil if nothing is to be restored.
  let path: String?

  /// Reads what is declared, with the drop entries that were saved beside. What is declared wins over what was saved.
  ///
  /// - Returns: With mistakes in the files: what was saved, and the mistakes.
  /// - Throws: The mistakes, if nothing was saved.
  func read(_ files: [String]) throws -> (Declaration, mistakes: [AegisError]) {
    let saved = saved()
    do {
      var declared = try PolicyFiles.read(files)
      if let drops = saved?.policy.drops {
        declared.policy.drops = (declared.policy.drops ?? [:]).merging(drops) { declared, _ in
          declared
        }
      }
      return (declared, [])
    } catch let failures as Failures {
      guard let saved, let path else { throw failures }
      StandardError.write("warning: the policy is invalid: applying the last state, from \(path)\n")
      return (saved, failures.errors)
    }
  }

  /// nil, and a warning, if it cannot be read; nil without one where there is none.
  private func saved() -> Declaration? {
    guard let path, access(path, F_OK) == 0 else { return nil }
    do {
      return try PolicyFiles.read([path])
    } catch let failures as Failures {
      let first = failures.errors.first?.message ?? ""
      StandardError.write("warning: nothing is restored from \(path): \(first)\n")
    } catch {
      StandardError.write("warning: nothing is restored from \(path): \(error)\n")
    }
    return nil
  }
}
