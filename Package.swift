// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  // Types are found by what the compiler knows, not by their names: a look through all conformances for each generic
  // type made two thirds of a call's instructions.
  .unsafeFlags(
    ["-Xfrontend", "-disable-concrete-type-metadata-mangled-name-accessors"],
    .when(configuration: .release)),
]

/// libbpf and what it needs, linked statically in every configuration: the tool must run on hosts that have none of them.
let libbpf: [LinkerSetting] = [":libbpf.a", ":libelf.a", ":libz.a"].map { .linkedLibrary($0) }

/// Calls that Sources/CStatic answers itself: a static executable would load modules of the host for them.
func wrapped(_ functions: String...) -> [String] {
  functions.flatMap { ["-Xlinker", "--wrap=\($0)"] }
}

/// A release binary is one file that runs wherever it is copied to. FoundationEssentials' parts are
/// named because SwiftPM does not add them without --static-swift-stdlib.
let fullyStatic: [LinkerSetting] = [
  .unsafeFlags(["-static-executable", "-Xlinker", "-s"], .when(configuration: .release)),
  .linkedLibrary("swiftSynchronization", .when(configuration: .release)),
  .linkedLibrary("_FoundationCShims", .when(configuration: .release)),
  .linkedLibrary("_FoundationCollections", .when(configuration: .release)),
]

let package = Package(
  name: "aegis",
  products: [.executable(name: "aegisctl", targets: ["aegisctl"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // The ABI header. The target owns bpf/ so that SwiftPM re-plans when a file comes or goes there.
    .target(
      name: "CAegis", path: "bpf",
      exclude: [
        "aegis.bpf.c", "hook.bpf.c", "out.bpf.c", "relay.bpf.c", "tc.bpf.c", "timed.bpf.c",
        "trial.bpf.c", "wire.bpf.c",
        "bench", "host", "test",
      ],
      publicHeadersPath: "."),
    // The datapath as a part of the tool itself.
    .target(
      name: "CHost", dependencies: ["CAegis"], path: "bpf/host", publicHeadersPath: ".",
      cSettings: [
        .headerSearchPath(".."),
        // Addresses are read as words, in the kernel as here.
        .unsafeFlags(["-fno-strict-aliasing", "-Wno-pass-failed", "-Wno-unused-function"]),
      ]),
    .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
    .systemLibrary(name: "CLibBPF", path: "Sources/CLibBPF"),
    .systemLibrary(name: "CLibYAML", path: "Sources/CLibYAML"),
    .target(
      name: "CLibPCap", path: "Sources/CLibPCap", publicHeadersPath: ".",
      linkerSettings: [.linkedLibrary(":libpcap.a")]),
    .target(
      name: "CLibMaxMind", path: "Sources/CLibMaxMind", publicHeadersPath: ".",
      linkerSettings: [.linkedLibrary(":libmaxminddb.a")]),
    .target(
      name: "CStatic", path: "Sources/CStatic", publicHeadersPath: ".",
      linkerSettings: [
        .unsafeFlags(
          wrapped(
            "getaddrinfo", "freeaddrinfo", "gethostbyname", "getnetbyname_r", "getprotobyname_r",
            "ether_hostton")),
        .unsafeFlags(
          wrapped("dlopen", "getpwnam_r", "getpwuid_r", "getgrnam_r", "getgrgid_r", "mktemp"),
          .when(configuration: .release)),
      ]),
    .plugin(name: "BPFBuild", capability: .buildTool(), path: "Sources/BPFBuild"),
    .target(
      name: "Linux", dependencies: ["CLinux"], path: "Sources/Linux", swiftSettings: strict),
    .target(
      name: "BPF", dependencies: ["Linux", "CLibBPF"], path: "Sources/BPF", swiftSettings: strict,
      linkerSettings: libbpf),
    .target(
      name: "Aegis", dependencies: ["BPF", "Linux", "CAegis", "CHost", "CLibMaxMind"],
      path: "Sources/Aegis",
      swiftSettings: strict,
      plugins: ["BPFBuild"]),
    .executableTarget(
      name: "aegisctl",
      dependencies: [
        "Aegis", "Linux", "CLibPCap", "CLibYAML", "CStatic",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/aegisctl", swiftSettings: strict,
      linkerSettings: [.linkedLibrary(":libyaml.a")] + fullyStatic, plugins: ["WordsBuild"]),
    // Writes the table that aegisctl reads its words by, from where they are declared.
    .plugin(
      name: "WordsBuild", capability: .buildTool(), dependencies: ["aegis-words"],
      path: "Sources/WordsBuild"),
    .executableTarget(name: "aegis-words", path: "Sources/aegis-words", swiftSettings: strict),
    // Measures the datapath beside reference limiters, which are compiled for it alone.
    .target(
      name: "CBench", path: "bpf/bench",
      exclude: [
        "addresses", "client", "country", "driver", "gcra", "hook", "loop", "observer", "percpu",
        "timed",
        "token", "traffic", "window", "wire",
      ].map {
        "\($0).bpf.c"
      }, publicHeadersPath: "."),
    .executableTarget(
      name: "aegis-bench",
      dependencies: [
        "Aegis", "BPF", "Linux", "CAegis", "CBench", "CStatic",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/aegis-bench", swiftSettings: strict, linkerSettings: fullyStatic,
      plugins: ["BPFBuild"]),
    // Renders man/ from the parser's own description; not part of what is installed.
    .executableTarget(
      name: "aegis-manual",
      dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Sources/aegis-manual", swiftSettings: strict),
    // What the tests share: the built binary, namespaces and veth pairs of their own.
    .target(
      name: "TestSupport", dependencies: ["BPF", "Linux"], path: "Tests/TestSupport",
      swiftSettings: strict),
    // Frames, policies and what must become of the one under the other.
    .target(
      name: "TestModel", dependencies: ["Aegis", "CAegis"], path: "Tests/TestModel",
      swiftSettings: strict),
    .target(
      name: "HostLimiter", dependencies: ["CAegis"], path: "Tests/HostLimiter",
      publicHeadersPath: "."),
    .testTarget(
      name: "AegisTests", dependencies: ["Aegis", "BPF", "Linux", "CAegis", "HostLimiter"],
      path: "Tests/AegisTests", swiftSettings: strict),
    .testTarget(
      name: "KernelTests",
      dependencies: ["Aegis", "BPF", "Linux", "CAegis", "CHost", "TestModel", "TestSupport"],
      path: "Tests/KernelTests", swiftSettings: strict, plugins: ["BPFBuild"]),
    .testTarget(
      name: "CommandTests", dependencies: ["TestModel", "TestSupport", "Aegis", "aegisctl"],
      path: "Tests/CommandTests",
      exclude: ["Golden"],
      swiftSettings: strict),
    .testTarget(
      name: "LiveTests",
      dependencies: ["TestModel", "TestSupport", "BPF", "Linux", "Aegis", "CAegis", "aegisctl"],
      path: "Tests/LiveTests", exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "OutputTests", dependencies: ["TestSupport", "aegisctl", "Aegis", "CAegis"],
      path: "Tests/OutputTests",
      swiftSettings: strict),
  ]
)
