/// Which columns of a fact's SQL stand in its table.
extension Fact {
  /// What a lookup reads of the fact's SQL.
  public struct LookupColumns: Sendable, Hashable {
    /// The natural key.
    public var key: [String]
    /// nil when the time does not matter.
    public var time: String?

    public init(key: [String], time: String?) {
      self.key = key
      self.time = time
    }
  }

  /// The column with the time at which a dimension is looked up; nil when it has no versions, unless the edge itself asks
  /// for one.
  public func time(of edge: Edge, in target: Star.Target) -> String? {
    target.isGenerated ? nil : target.isVersioned ? asOf(edge) : edge.asOf
  }

  /// The columns that stay: all but natural keys that only lookups read.
  ///
  /// - Parameter columns: those of its SQL.
  public func kept(of columns: [String], _ lookups: [LookupColumns]) -> Set<String> {
    // A row that fills a gap is looked up with the natural keys of another.
    if let periodic, periodic.gaps != .none { return Set(columns) }
    var needed = Set(grain + degenerate + measures.map(\.name))
    needed.formUnion([eventTime, loadedAt].compactMap(\.self) + lookups.compactMap(\.time))
    needed.formUnion(accumulating?.milestones.map(\.at) ?? [])
    needed.formUnion(allocations.flatMap(\.header))
    let natural = Set(lookups.flatMap(\.key))
    return Set(columns.filter { needed.contains($0) || !natural.contains($0) })
  }
}
