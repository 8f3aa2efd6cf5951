import ArgumentParser

/// Options that may also come before the verb.
struct CommonOptions: ParsableArguments {
  @OptionGroup var instance: InstanceOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var waiting: WaitOptions
}
