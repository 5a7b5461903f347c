import Diagnostics
import ProjectModel

/// What a microbatch model's config must say, and what makes its batches senseless.
enum Microbatches {
  /// - Parameter place: Where the winning value of a key is written, or else where the node begins.
  static func check(_ node: Node, place: (String) -> SourceSpan?) -> [Diagnostic] {
    func wrong(_ key: String, _ expected: String, help: String? = nil) -> Diagnostic {
      let value = node.config[key].flatMap { $0.isNull ? nil : $0 }
      let given = value.map { ", not \($0.string.map { "'\($0)'" } ?? $0.kindName)" } ?? ""
      return Diagnostic(
        "bad-value", "microbatch model '\(node.name)' needs '\(key)', \(expected)\(given)",
        at: place(value == nil ? "incremental_strategy" : key), help: help)
    }
    var found: [Diagnostic] = []
    if node.config["event_time"]?.string == nil {
      found.append(wrong("event_time", "the name of the column that holds the time of an event"))
    }
    if node.config["begin"]?.string.flatMap({ EventTime($0) }) == nil {
      found.append(
        wrong(
          "begin", "the time of the first batch",
          help: "write begin: '2024-01-01', or with a time behind it"))
    }
    if node.config["batch_size"]?.string.flatMap(BatchSize.init) == nil {
      let sizes = BatchSize.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
      found.append(wrong("batch_size", "one of \(sizes)"))
    }
    if let lookback = node.config["lookback"], !lookback.isNull, lookback.int == nil {
      found.append(wrong("lookback", "a whole number of batches"))
    }
    if let concurrent = node.config["concurrent_batches"], !concurrent.isNull,
      concurrent.bool == nil
    {
      found.append(wrong("concurrent_batches", "true or false"))
    }
    return found
  }
}

extension ManifestBuilder {
  /// Batches that cannot be cut out of any input, and settings that this adapter does not follow.
  mutating func checkMicrobatches(runsInBatches: Bool) {
    let models = manifest.nodes.values.filter(\.isMicrobatch)
    guard !models.isEmpty else { return }
    guard runsInBatches else {
      diagnostics.append(
        Diagnostic(
          "microbatch-macro-outside-of-batches", severity: .warning,
          "a get_incremental_microbatch_sql of your own has microbatch models run whole, not in batches",
          help: "set 'require_batched_execution_for_custom_microbatch_strategy: true' under 'flags:'"))
      return
    }
    for node in models {
      let hasEventTime = node.dependsOn.contains { id in
        let config = manifest.nodes[id]?.config ?? manifest.sources[id]?.config
        return config?["event_time"]?.string != nil
      }
      if !hasEventTime {
        diagnostics.append(
          Diagnostic(
            "microbatch-without-event-time", severity: .warning,
            "microbatch model '\(node.name)' reads nothing that has an 'event_time'; each batch gets all rows",
            at: node.config.origins["incremental_strategy"] ?? place(of: node),
            help: "add 'event_time: <column>' to the config of a model or source that it reads"))
      }
      if node.config["concurrent_batches"]?.bool == true {
        diagnostics.append(
          Diagnostic(
            "sequential-batches", severity: .warning,
            "the batches of '\(node.name)' are run one after the other: PostgreSQL's adapter does not run them "
              + "side by side", at: node.config.origins["concurrent_batches"] ?? place(of: node)))
      }
    }
  }
}
