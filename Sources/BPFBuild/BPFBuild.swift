import Foundation
import PackagePlugin

/// Compiles the BPF sources of a target and hands it each object as a base64 string literal: the one form
/// that neither leaves a resource file beside the binary nor takes the compiler seconds to type-check.
@main
struct BPFBuild: BuildToolPlugin {
  private static let script = #"""
    set -eu
    clang=$1 objcopy=$2 root=$3 source=$4 object=$5 out=$6 type=$7 name=$8
    cd "$root"
    "$clang" -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter \
      -idirafter "/usr/include/$(uname -m)-linux-gnu" -I bpf \
      -ffile-prefix-map="$root"=. -fdebug-compilation-dir=. -c "$source" -o "$object"
    "$objcopy" --strip-debug "$object"
    printf 'extension %s {\n  static let %s = "%s"\n}\n' "$type" "$name" "$(base64 -w0 "$object")" >"$out"
    """#

  /// All of them by name, for who must leave none out.
  private static let listing = #"""
    set -eu
    out=$1 type=$2
    shift 2
    {
      printf 'extension %s {\n  static let all = [\n' "$type"
      for name; do printf '    (name: "%s", base64: %s),\n' "$name" "$name"; done
      printf '  ]\n}\n'
    } >"$out"
    """#

  /// Where a target's sources are, and the type that its objects become members of.
  private static let targets = [
    "Aegis": (directory: "bpf", type: "BPFObjects"),
    "KernelTests": (directory: "bpf/test", type: "TestObjects"),
    "aegis-bench": (directory: "bpf/bench", type: "BenchObjects"),
  ]

  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    guard let (directory, type) = Self.targets[target.name] else { return [] }
    let root = context.package.directoryURL
    let own = try FileManager.default.contentsOfDirectory(
      at: root.appending(path: directory), includingPropertiesForKeys: nil)
    let inputs = try sources(below: root.appending(path: "bpf"))
    let environment = ProcessInfo.processInfo.environment
    let clang = try environment["BPF_CLANG"] ?? context.tool(named: "clang").url.path
    let objcopy = try environment["BPF_OBJCOPY"] ?? context.tool(named: "llvm-objcopy").url.path
    let suffix = ".bpf.c"
    let files = own.map(\.lastPathComponent).filter { $0.hasSuffix(suffix) }.sorted()
    let names = files.map { String($0.dropLast(suffix.count)) }
    let commands = zip(files, names).map { file, name -> Command in
      let object = context.pluginWorkDirectoryURL.appending(path: "\(name).bpf.o")
      let out = context.pluginWorkDirectoryURL.appending(path: "\(type)+\(name).swift")
      return .buildCommand(
        displayName: "Compiling BPF \(file)",
        executable: URL(filePath: "/bin/sh"),
        arguments: [
          "-c", Self.script, "bpf", clang, objcopy, root.path, "\(directory)/\(file)", object.path,
          out.path, type, name,
        ],
        inputFiles: inputs,
        outputFiles: [out])
    }
    let list = context.pluginWorkDirectoryURL.appending(path: "\(type)+all.swift")
    return commands + [
      .buildCommand(
        displayName: "Listing BPF objects", executable: URL(filePath: "/bin/sh"),
        arguments: ["-c", Self.listing, "bpf", list.path, type] + names, outputFiles: [list])
    ]
  }

  private func sources(below directory: URL) throws -> [URL] {
    try FileManager.default.subpathsOfDirectory(atPath: directory.path)
      .map { directory.appending(path: $0) }
      .filter { ["c", "h"].contains($0.pathExtension) }
  }
}
