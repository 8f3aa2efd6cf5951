import Foundation
import TestSupport

/// Programs of an operator, compiled as an operator would.
enum HookObjects {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Compiles the body of a function of `ctx`.
  ///
  /// - Returns: The path of the object.
  static func body(
    _ body: String, section: String = "xdp.frags", before: String = "", named name: String = "own",
    in directory: TemporaryDirectory
  ) throws -> String {
    let text = """
      #include <linux/bpf.h>
      #include <bpf/bpf_helpers.h>
      #include <bpf/bpf_endian.h>
      #include "aegis-hook.h"
      \(before)
      SEC("\(section)")
      int match(struct xdp_md *ctx)
      {
      \(body)
      }
      char _license[] SEC("license") = "Dual BSD/GPL";

      """
    try directory.file(name + ".c", Array(text.utf8))
    return try compile("\(directory.path)/\(name).c", in: directory)
  }

  /// One of those that are shipped.
  ///
  /// - Parameter clang: nil for the compiler that the datapath is compiled with.
  static func example(
    _ name: String, by clang: String?, in directory: TemporaryDirectory
  ) throws -> String {
    try compile(
      root.appending(path: "contrib/hook/\(name).bpf.c").path, by: clang, in: directory)
  }

  /// Two that let everything pass, for verbs that name an object. They stay beside what is built.
  static let lasting: [String] = {
    let directory = TemporaryDirectory(path: root.appending(path: ".build/hooks").path)
    try? FileManager.default.createDirectory(
      atPath: directory.path, withIntermediateDirectories: true)
    let bodies = ["", "  if (!aegis_packet())\n    return XDP_DROP;\n"]
    return bodies.enumerated().map { number, start in
      let end = "  return aegis_finish(ctx, AEGIS_HOOK_PASS);"
      return (try? body(start + end, named: "lasting\(number)", in: directory)) ?? "none"
    }
  }()

  private static func compile(
    _ source: String, by chosen: String? = nil, in directory: TemporaryDirectory
  ) throws -> String {
    let clang = chosen ?? ProcessInfo.processInfo.environment["BPF_CLANG"] ?? "clang"
    let name = URL(filePath: source).lastPathComponent.split(separator: ".")[0]
    let object = "\(directory.path)/\(name).o"
    let machine = try Command(["uname", "-m"]).succeed().split(separator: "\n")[0]
    let include = "/usr/include/\(machine)-linux-gnu"
    try Command([
      clang, "-target", "bpf", "-mcpu=v3", "-O2", "-g", "-Wall", "-Werror", "-idirafter", include,
      "-I", root.appending(path: "bpf").path, "-c", source, "-o", object,
    ]).succeed()
    return object
  }
}
