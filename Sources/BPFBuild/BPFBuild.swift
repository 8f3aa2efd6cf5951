import Foundation
import PackagePlugin

/// Compiles `bpf/aegis.bpf.c` and hands the object to the target as a base64 string literal: the one form
/// that neither leaves a resource file beside the binary nor takes the compiler seconds to type-check.
@main
struct BPFBuild: BuildToolPlugin {
  private static let script = #"""
    set -eu
    clang=$1 objcopy=$2 root=$3 source=$4 object=$5 out=$6 name=$7
    cd "$root"
    "$clang" -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter \
      -idirafter "/usr/include/$(uname -m)-linux-gnu" -I bpf \
      -ffile-prefix-map="$root"=. -fdebug-compilation-dir=. -c "$source" -o "$object"
    "$objcopy" --strip-debug "$object"
    printf 'extension BPFObjects {\n  static let %s = "%s"\n}\n' "$name" "$(base64 -w0 "$object")" >"$out"
    """#

  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let root = context.package.directoryURL
    let sources = root.appending(path: "bpf")
    let inputs = try FileManager.default
      .contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
      .filter { ["c", "h"].contains($0.pathExtension) }
    let out = context.pluginWorkDirectoryURL.appending(path: "BPFObjects+aegis.swift")
    let object = context.pluginWorkDirectoryURL.appending(path: "aegis.bpf.o")
    let environment = ProcessInfo.processInfo.environment
    let clang = try environment["BPF_CLANG"] ?? context.tool(named: "clang").url.path
    let objcopy = try environment["BPF_OBJCOPY"] ?? context.tool(named: "llvm-objcopy").url.path
    return [
      .buildCommand(
        displayName: "Compiling BPF aegis.bpf.c",
        executable: URL(filePath: "/bin/sh"),
        arguments: [
          "-c", Self.script, "bpf", clang, objcopy, root.path, "bpf/aegis.bpf.c", object.path,
          out.path, "aegis",
        ],
        inputFiles: inputs,
        outputFiles: [out])
    ]
  }
}
