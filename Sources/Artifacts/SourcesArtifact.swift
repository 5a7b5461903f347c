public import Diagnostics
public import ProjectModel

/// `sources.json`, version 3: how fresh the sources were.
public struct SourcesArtifact: Sendable {
  public struct Result: Sendable {
    public enum Status: String, Sendable { case pass, warn, error }

    public enum Outcome: Sendable {
      /// Times in seconds since 1970, UTC.
      case checked(status: Status, maxLoadedAt: Double, snapshottedAt: Double)
      case failed(String)
    }

    public var source: NodeID
    public var outcome: Outcome
    /// The source's `freshness` as dbt writes it.
    public var criteria: PlainValue
    public var timing: [NodeResult.Timing] = []
    public var threadName: String = "Thread-1"
    /// Seconds.
    public var executionTime: Double = 0

    public init(source: NodeID, outcome: Outcome, criteria: PlainValue) {
      self.source = source
      self.outcome = outcome
      self.criteria = criteria
    }
  }

  public var metadata: ArtifactMetadata
  public var results: [Result]
  /// Seconds.
  public var elapsedTime: Double

  public init(metadata: ArtifactMetadata, results: [Result], elapsedTime: Double) {
    self.metadata = metadata
    self.results = results
    self.elapsedTime = elapsedTime
  }

  public func write() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.key("metadata")
    metadata.begin(.sources, in: &json)
    json.endObject()
    json.key("results")
    json.beginArray()
    for result in results { write(result, to: &json) }
    json.endArray()
    json.key("elapsed_time")
    json.double(elapsedTime)
    json.endObject()
    return json.bytes
  }

  /// When the rows of each source were newest, in an earlier `sources.json`: ISO 8601 in UTC, so that texts compare
  /// as times do. Sources whose query failed are not in it.
  public static func loadedTimes(in bytes: [UInt8], file: String) throws(DiagnosticsError) -> [NodeID: String]
  {
    guard let results = try JSONReader.read(bytes, file: file).mapping?["results"]?.list else {
      throw DiagnosticsError(.foreignArtifact(file, expected: "sources.json"))
    }
    return results.compactMap(\.mapping).reduce(into: [:]) { times, result in
      if let id = result["unique_id"]?.string { times[NodeID(id)] = result["max_loaded_at"]?.string }
    }
  }

  private func write(_ result: Result, to json: inout JSONWriter) {
    json.beginObject()
    json.key("unique_id")
    json.string(result.source.rawValue)
    switch result.outcome {
    case .failed(let message):
      json.key("error")
      json.string(message)
      json.key("status")
      json.string("runtime error")
    case .checked(let status, let maxLoadedAt, let snapshottedAt):
      json.key("max_loaded_at")
      json.string(Timestamp.text(maxLoadedAt) + "+00:00")
      json.key("snapshotted_at")
      json.string(Timestamp.text(snapshottedAt) + "+00:00")
      json.key("max_loaded_at_time_ago_in_s")
      json.double(snapshottedAt - maxLoadedAt)
      json.key("status")
      json.string(status.rawValue)
      json.key("criteria")
      json.value(result.criteria)
      json.key("adapter_response")
      json.mapping([:])
      json.key("timing")
      json.beginArray()
      for timing in result.timing {
        json.beginObject()
        json.key("name")
        json.string(timing.name)
        json.key("started_at")
        json.string(Timestamp.text(timing.startedAt) + "Z")
        json.key("completed_at")
        json.string(Timestamp.text(timing.completedAt) + "Z")
        json.endObject()
      }
      json.endArray()
      json.key("thread_id")
      json.string(result.threadName)
      json.key("execution_time")
      json.double(result.executionTime)
    }
    json.endObject()
  }
}
