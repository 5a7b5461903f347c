public import Diagnostics
public import OrderedCollections
public import ProjectModel

/// `sources.json`, version 3: how fresh the sources were.
public struct SourcesArtifact: Sendable {
  /// One source that could be asked; dbt leaves the others out.
  public struct Result: Sendable {
    public var source: NodeID
    public var status: FreshnessThreshold.Verdict
    public var freshness: MeasuredFreshness
    /// The source's `freshness` as dbt writes it.
    public var criteria: PlainValue
    public var adapterResponse: OrderedDictionary<String, PlainValue> = [:]
    public var timing: [NodeResult.Timing] = []
    public var threadName: String = "Thread-1"
    /// Seconds.
    public var executionTime: Double = 0

    public init(
      source: NodeID, status: FreshnessThreshold.Verdict, freshness: MeasuredFreshness, criteria: PlainValue
    ) {
      self.source = source
      self.status = status
      self.freshness = freshness
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

  private func write(_ result: Result, to json: inout JSONWriter) {
    json.beginObject()
    json.key("unique_id")
    json.string(result.source.rawValue)
    json.key("max_loaded_at")
    json.string(Self.time(result.freshness.maxLoadedAt))
    json.key("snapshotted_at")
    json.string(Self.time(result.freshness.snapshottedAt))
    json.key("max_loaded_at_time_ago_in_s")
    json.double(result.freshness.age)
    json.key("status")
    json.string(result.status.rawValue)
    json.key("criteria")
    json.value(result.criteria)
    json.key("adapter_response")
    json.mapping(result.adapterResponse)
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
    json.endObject()
  }

  private static func time(_ microseconds: Int) -> String {
    Timestamp.text(Double(microseconds) / 1_000_000) + "+00:00"
  }

  /// `max_loaded_at` of each source in an earlier `sources.json`, in a form that sorts by time.
  ///
  /// - Throws: `broken-json`, or `foreign-artifact` when it is JSON of another kind.
  public static func loadedTimes(in bytes: [UInt8], file: String) throws(DiagnosticsError) -> [NodeID: String]
  {
    guard let results = try JSONReader.read(bytes, file: file).mapping?["results"]?.list else {
      throw DiagnosticsError(.foreignArtifact(file, expected: "sources.json"))
    }
    var times: [NodeID: String] = [:]
    for result in results.compactMap(\.mapping) {
      guard let id = result["unique_id"]?.string, let time = result["max_loaded_at"]?.string else { continue }
      times[NodeID(id)] = sortable(time)
    }
    return times
  }

  /// Moments of one length: `…:00+00:00` and `…:00.5Z` both become six digits of a fraction without a zone.
  private static func sortable(_ time: String) -> String {
    let bare = time.hasSuffix("Z") ? String(time.dropLast()) : time.replacing("+00:00", with: "")
    guard let point = bare.firstIndex(of: ".") else { return bare + ".000000" }
    let digits = bare[bare.index(after: point)...].prefix(6)
    return bare[...point] + digits + String(repeating: "0", count: 6 - digits.count)
  }
}
