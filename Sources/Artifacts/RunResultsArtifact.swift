public import Diagnostics
public import OrderedCollections
public import ProjectModel

/// `run_results.json`, version 6.
public struct RunResultsArtifact: Sendable {
  public var metadata: ArtifactMetadata
  /// In the order in which they were finished.
  public var results: [NodeResult]
  /// Seconds.
  public var elapsedTime: Double
  /// The flags of the command, `invocation_command`, `which` and `vars` among them.
  public var arguments: OrderedDictionary<String, PlainValue>

  public init(
    metadata: ArtifactMetadata, results: [NodeResult], elapsedTime: Double,
    arguments: OrderedDictionary<String, PlainValue> = [:]
  ) {
    self.metadata = metadata
    self.results = results
    self.elapsedTime = elapsedTime
    self.arguments = arguments
  }

  /// The whole artifact in memory; a large one is better written into its file.
  public func write() -> [UInt8] {
    var json = JSONWriter()
    write(to: &json)
    return json.bytes
  }

  public func write(to json: inout JSONWriter) {
    json.beginObject()
    metadata.write(.runResults, to: &json)
    json.beginArray("results")
    for result in results { write(result, to: &json) }
    json.endArray()
    json.field("elapsed_time", elapsedTime)
    json.field("args", arguments)
    json.endObject()
  }

  private func write(_ result: NodeResult, to json: inout JSONWriter) {
    json.beginObject()
    json.field("status", result.status.rawValue)
    json.field("timing", result.timing)
    json.field("thread_id", result.threadName)
    json.field("execution_time", result.executionTime)
    json.beginObject("adapter_response")
    if let message = result.adapterMessage {
      json.field("_message", message)
      json.field("code", result.adapterCode ?? "")
      json.field("rows_affected", result.rowsAffected ?? -1)
    }
    json.endObject()
    json.field("message", result.message)
    json.field("failures", result.failures.map { .int($0) } ?? .null)
    json.field("unique_id", result.node.rawValue)
    // A seed has no code that could be compiled.
    let hasCode = !result.node.rawValue.hasPrefix("seed.") && !result.node.rawValue.hasPrefix("saved_query.")
    json.field("compiled", hasCode ? .bool(result.compiledCode != nil) : .null)
    json.field("compiled_code", hasCode ? result.compiledCode : nil)
    json.field("relation_name", hasCode ? result.relationName : nil)
    if let batches = result.batches {
      json.beginObject("batch_results")
      for (key, list) in [("successful", batches.successful), ("failed", batches.failed)] {
        json.field(named: key, .list(list.map { [.string($0.start.isoText), .string($0.end.isoText)] }))
      }
      json.endObject()
    } else {
      json.field("batch_results", .null)
    }
    json.endObject()
  }

  /// Each node's status in an earlier `run_results.json`, for `result:` and for the docs.
  ///
  /// - Throws: `broken-json`, or `foreign-artifact` when it is JSON of another kind.
  public static func statuses(in bytes: [UInt8], file: String) throws(DiagnosticsError) -> [NodeID: String] {
    let results = try entries(in: bytes, file: file)
    var statuses: [NodeID: String] = [:]
    for result in results {
      if let id = result["unique_id"]?.string { statuses[NodeID(id)] = result["status"]?.string ?? "" }
    }
    return statuses
  }

  /// The results of an earlier `run_results.json`; times and diagnostics are not read back.
  public static func read(_ bytes: [UInt8], file: String) throws(DiagnosticsError) -> [NodeResult] {
    try entries(in: bytes, file: file).compactMap { entry in
      guard let id = entry["unique_id"]?.string,
        let status = entry["status"]?.string.flatMap(NodeResult.Status.init)
      else { return nil }
      var result = NodeResult(
        node: NodeID(id), status: status, threadName: entry["thread_id"]?.string ?? "")
      result.executionTime = entry["execution_time"]?.number ?? 0
      result.message = entry["message"]?.string
      result.failures = entry["failures"]?.int
      result.adapterMessage = entry["adapter_response"]?.mapping?["_message"]?.string
      result.rowsAffected = entry["adapter_response"]?.mapping?["rows_affected"]?.int
      result.compiledCode = entry["compiled_code"]?.string
      result.relationName = entry["relation_name"]?.string
      result.batches = entry["batch_results"]?.mapping.map {
        BatchResults(successful: batches($0["successful"]), failed: batches($0["failed"]))
      }
      return result
    }
  }

  private static func batches(_ value: PlainValue?) -> [Batch] {
    (value?.list ?? []).compactMap { pair in
      let times = (pair.strings ?? []).compactMap { EventTime($0) }
      return times.count == 2 ? Batch(start: times[0], end: times[1]) : nil
    }
  }

  /// When the command that wrote an earlier `run_results.json` began, as text.
  public static func startedAt(in bytes: [UInt8], file: String) throws(DiagnosticsError) -> String? {
    let metadata = try JSONReader.read(bytes, file: file).mapping?["metadata"]?.mapping
    return metadata?["invocation_started_at"]?.string ?? metadata?["generated_at"]?.string
  }

  /// `args`: the flags of the command that wrote an earlier `run_results.json`.
  public static func arguments(
    in bytes: [UInt8], file: String
  ) throws(DiagnosticsError) -> OrderedDictionary<String, PlainValue> {
    try JSONReader.read(bytes, file: file).mapping?["args"]?.mapping ?? [:]
  }

  private static func entries(
    in bytes: [UInt8], file: String
  ) throws(DiagnosticsError) -> [OrderedDictionary<String, PlainValue>] {
    guard let results = try JSONReader.read(bytes, file: file).mapping?["results"]?.list else {
      throw DiagnosticsError(.foreignArtifact(file, expected: "run_results.json"))
    }
    return results.compactMap(\.mapping)
  }
}

extension JSONWriter {
  mutating func field(_ key: StaticString, _ timings: [NodeResult.Timing]) {
    beginArray(key)
    for timing in timings {
      beginObject()
      field("name", timing.name)
      field("started_at", Timestamp.text(timing.startedAt) + "Z")
      field("completed_at", Timestamp.text(timing.completedAt) + "Z")
      endObject()
    }
    endArray()
  }
}

extension NodeResult {
  /// The words of the command tag without its numbers: `INSERT` of `INSERT 0 12`.
  var adapterCode: String? {
    adapterMessage.map { message in
      message.split(separator: " ").filter { !$0.allSatisfy(\.isNumber) }.joined(separator: " ")
    }
  }
}

extension PlainValue {
  /// An integer or a double.
  var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }
}

extension Diagnostic {
  static func foreignArtifact(_ file: String, expected: String) -> Diagnostic {
    Diagnostic("foreign-artifact", "'\(file)' is JSON, but not a \(expected) of dbt or whc")
  }
}
