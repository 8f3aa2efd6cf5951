import ArgumentParser

/// What may also stand in front of the verb.
struct CommonOptions: ParsableArguments {
  @OptionGroup var instance: InstanceOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var waiting: WaitOptions
}
