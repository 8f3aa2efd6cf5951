import Aegis
import Glibc

/// The state that `dump host` saved before a reboot.
struct BootState {
  /// nil if there is nothing to restore.
  let path: String?

  /// Reads the declaration and adds the saved drop entries and lists. The declaration takes precedence over saved entries.
  ///
  /// - Returns: If the files have mistakes, the saved state and the mistakes.
  /// - Throws: The mistakes, if nothing was saved.
  func read(
    _ files: [String], as profile: ProfileName? = nil
  ) throws -> (Declaration, mistakes: [AegisError]) {
    let saved = saved()
    do {
      var declared = try PolicyFiles.read(files, as: profile)
      if let saved { declared.policy = declared.policy.restoring(saved.policy) }
      return (declared, [])
    } catch let failures as Failures {
      guard let saved, let path else { throw failures }
      StandardError.warn("the policy is invalid: applying the last state, from \(path)")
      return (saved, failures.errors)
    }
  }

  /// nil with a warning if the file cannot be read; nil without a warning if there is no file.
  private func saved() -> Declaration? {
    guard let path, access(path, F_OK) == 0 else { return nil }
    do {
      return try PolicyFiles.read([path])
    } catch let failures as Failures {
      let first = failures.errors.first?.message ?? ""
      StandardError.warn("nothing is restored from \(path): \(first)")
    } catch {
      StandardError.warn("nothing is restored from \(path): \(error)")
    }
    return nil
  }
}
