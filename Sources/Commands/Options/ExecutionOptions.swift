import ArgumentParser

// What some of the commands that carry nodes out have, each with its environment variable. `apply` puts what is given
// over what the environment says.

struct FullRefreshOption: ParsableArguments, Sendable {
  @Flag(
    name: [.customLong("full-refresh"), .customShort("f")], help: "Build incremental models and seeds anew")
  var fullRefresh = false

  func apply(_ flags: inout Flags) {
    flags.fullRefresh = fullRefresh || FlagVariables(flags.environment).bool("FULL_REFRESH") ?? false
  }
}

struct EmptyOption: ParsableArguments, Sendable {
  @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Build every relation without rows")
  var empty: Bool?

  func apply(_ flags: inout Flags) {
    flags.givenEmpty = empty ?? FlagVariables(flags.environment).bool("EMPTY") ?? false
  }
}

struct StoreFailuresOption: ParsableArguments, Sendable {
  @Flag(name: .customLong("store-failures"), help: "Keep the rows that failed a test")
  var storeFailures = false

  func apply(_ flags: inout Flags) {
    flags.storeFailures = storeFailures || FlagVariables(flags.environment).bool("STORE_FAILURES") ?? false
  }
}

struct EventTimeOptions: ParsableArguments, Sendable {
  @Option(name: .customLong("event-time-start"), help: "First moment of the batches that are run")
  var eventTimeStart: String?
  @Option(
    name: .customLong("event-time-end"), help: "Moment before which the batches that are run end")
  var eventTimeEnd: String?
  @Option(help: "Read only rows of this window: '3 days', or {start: …, end: …}")
  var sample: String?

  func apply(_ flags: inout Flags) {
    let variables = FlagVariables(flags.environment)
    flags.eventTimeStart = eventTimeStart ?? variables.text("EVENT_TIME_START")
    flags.eventTimeEnd = eventTimeEnd ?? variables.text("EVENT_TIME_END")
    flags.sample = sample ?? variables.text("SAMPLE")
  }
}

struct IntrospectOption: ParsableArguments, Sendable {
  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Let templates ask the database while they are compiled (default: yes)")
  var introspect: Bool?

  func apply(_ flags: inout Flags) {
    flags.introspect = introspect ?? FlagVariables(flags.environment).bool("INTROSPECT") ?? true
  }
}

struct CheckOption: ParsableArguments, Sendable {
  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Look for mistakes in the SQL before anything is sent (default: yes)")
  var check: Bool?

  func apply(_ flags: inout Flags) {
    let said = flags.environment["WHC_CHECK"].map { !["0", "false", "no", "off"].contains($0.lowercased()) }
    flags.checksSQL = check ?? said ?? true
  }
}

struct OpenLineageOption: ParsableArguments, Sendable {
  @Option(help: "Write OpenLineage events to a file, or send them to an address")
  var openlineage: String?

  func apply(_ flags: inout Flags) { flags.openLineage = openlineage }
}
