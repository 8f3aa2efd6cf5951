/// The objects of bpf/test, which the build adds.
enum TestObjects {}
