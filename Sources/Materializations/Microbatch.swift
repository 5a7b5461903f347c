public import ProjectModel

/// The periods in which an incremental model is loaded, each replaced as a whole.
public struct Microbatch: Sendable {
  public let size: BatchSize
  private let begin: EventTime?
  private let lookback: Int

  /// nil for nodes that are not loaded in batches, and for those whose config says no size.
  public init?(_ node: Node) {
    guard node.isMicrobatch, let size = node.config["batch_size"]?.string.flatMap(BatchSize.init)
    else { return nil }
    self.size = size
    begin = node.config["begin"].flatMap(Self.time)
    lookback = node.config["lookback"]?.int ?? 1
  }

  private static func time(_ value: PlainValue) -> EventTime? { value.string.flatMap { EventTime($0) } }

  /// The batches of a run, in order.
  ///
  /// - Parameters:
  ///   - isIncremental: false when the table is made anew: then from `begin` on.
  ///   - range: `--event-time-start` and `--event-time-end`, or the window of `--sample`.
  ///   - now: the end where no range says one.
  /// - Returns: nil when there is no beginning.
  public func batches(isIncremental: Bool, range: Batch?, now: EventTime) -> [Batch]? {
    let end = (range?.end ?? now).raised(to: size)
    let start: EventTime
    if let range {
      start = range.start.truncated(to: size)
    } else if isIncremental {
      // An end that is the beginning of a period lies behind the last one.
      start = end.moved(by: -(lookback + 1), size)
    } else if let begin {
      start = begin.truncated(to: size)
    } else {
      return nil
    }
    var batches = [Batch(start: start, end: start.moved(by: 1, size))]
    while let last = batches.last, last.end < end {
      batches.append(Batch(start: last.end, end: last.end.moved(by: 1, size)))
    }
    batches[batches.count - 1].end = end
    return batches
  }
}
