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
    metadata.write(.sources, to: &json)
    json.beginArray("results")
    for result in results { write(result, to: &json) }
    json.endArray()
    json.field("elapsed_time", elapsedTime)
    json.endObject()
    return json.bytes
  }

  private func write(_ result: Result, to json: inout JSONWriter) {
    json.beginObject()
    json.field("unique_id", result.source.rawValue)
    json.field("max_loaded_at", Self.time(result.freshness.maxLoadedAt))
    json.field("snapshotted_at", Self.time(result.freshness.snapshottedAt))
    json.field("max_loaded_at_time_ago_in_s", result.freshness.age)
    json.field("status", result.status.rawValue)
    json.field("criteria", result.criteria)
    json.field("adapter_response", result.adapterResponse)
    json.field("timing", result.timing)
    json.field("thread_id", result.threadName)
    json.field("execution_time", result.executionTime)
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
