/// How long the periods are in which a microbatch model is loaded.
public enum BatchSize: String, Sendable, CaseIterable {
  case hour, day, month, year
}

/// A stretch of time: from `start` up to, but without, `end`.
public struct Batch: Sendable, Hashable, Comparable {
  public var start: EventTime
  public var end: EventTime

  public init(start: EventTime, end: EventTime) {
    self.start = start
    self.end = end
  }

  public static func < (left: Batch, right: Batch) -> Bool {
    (left.start, left.end) < (right.start, right.end)
  }
}

/// What became of a microbatch model's batches: dbt's `batch_results`.
public struct BatchResults: Sendable, Hashable {
  public var successful: [Batch]
  public var failed: [Batch]

  public init(successful: [Batch] = [], failed: [Batch] = []) {
    self.successful = successful
    self.failed = failed
  }
}

/// The batch that a render is for: `model.batch`.
public struct BatchScope: Sendable, Hashable {
  public var batch: Batch
  public var size: BatchSize

  public init(_ batch: Batch, _ size: BatchSize) {
    self.batch = batch
    self.size = size
  }

  /// `2024-02-29`
  public var label: String { batch.start.label(of: size) }
  /// `20240229`
  public var id: String { label.replacing("-", with: "") }
}
