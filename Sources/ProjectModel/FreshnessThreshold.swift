/// After which time without new rows a source is stale: `freshness` of a source.
public struct FreshnessThreshold: Sendable, Hashable {
  public enum Verdict: String, Sendable { case pass, warn, error }

  /// Seconds; nil where nothing is said.
  public var warnAfter: Int?
  public var errorAfter: Int?
  /// A condition in SQL on the rows that count.
  public var filter: String?

  /// - Returns: nil when the value names no time, or takes freshness away.
  public init?(_ value: PlainValue?) {
    guard let values = value?.mapping else { return nil }
    warnAfter = Self.seconds(values["warn_after"])
    errorAfter = Self.seconds(values["error_after"])
    filter = values["filter"]?.string
    if warnAfter == nil, errorAfter == nil { return nil }
  }

  /// - Parameter age: seconds.
  public func verdict(age: Double) -> Verdict {
    if let errorAfter, age > Double(errorAfter) { return .error }
    if let warnAfter, age > Double(warnAfter) { return .warn }
    return .pass
  }

  private static func seconds(_ value: PlainValue?) -> Int? {
    guard let count = value?.mapping?["count"]?.int else { return nil }
    switch value?.mapping?["period"]?.string {
    case "minute": return count * 60
    case "hour": return count * 3600
    case "day": return count * 86_400
    default: return nil
    }
  }
}

/// How fresh a source was found.
public struct MeasuredFreshness: Sendable, Hashable {
  /// Microseconds since 1970, UTC; the first moment of the year 1 when there was no row.
  public var maxLoadedAt: Int
  /// Microseconds since 1970, UTC: the server's clock.
  public var snapshottedAt: Int

  public init(maxLoadedAt: Int, snapshottedAt: Int) {
    self.maxLoadedAt = maxLoadedAt
    self.snapshottedAt = snapshottedAt
  }

  /// 0001-01-01 in microseconds since 1970.
  public static let never = -62_135_596_800_000_000

  /// Seconds.
  public var age: Double { Double(snapshottedAt - maxLoadedAt) / 1_000_000 }
}
