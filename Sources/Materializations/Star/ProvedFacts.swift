public import ProjectModel
import StarModel

/// Something that a star's own checks have shown of a relation in the run that built it.
public enum ProvedFact: Sendable, Hashable {
  /// No two rows agree in these columns.
  case unique([String])
  case notNull(String)
}

/// What tests need to know of dimensions and facts.
public enum StarTests {
  /// What the publishing transaction has just proved, so that a test of it need not be asked again.
  ///
  /// True only in a run in which the node was built, and, for a dimension, of the rows that are not members.
  public static func provedFacts(_ node: Node) -> [ProvedFact] {
    guard node.resourceType == .model else { return [] }
    switch node.config.materialized {
    case "dimension":
      guard let dimension = Dimension.decode(node).value else { return [] }
      let key = dimension.surrogateKey.name
      var facts: [ProvedFact] = [.unique([key]), .notNull(key)]
      facts += dimension.naturalKey.map { .notNull($0) }
      facts += [.notNull(dimension.columns.validFrom), .notNull(dimension.columns.isCurrent)]
      facts.append(.unique(dimension.naturalKey + [dimension.columns.validFrom]))
      let parts = dimension.deletes == .invalidate || dimension.deletes == .newRecord
      if !dimension.isVersioned && !parts { facts.append(.unique(dimension.naturalKey)) }
      return facts
    case "mini_dimension":
      guard let mini = MiniDimension.decode(node).value else { return [] }
      return [.unique([mini.surrogateKey.name]), .notNull(mini.surrogateKey.name)]
    case "date_dimension":
      guard let dates = DateDimension.decode(node).value else { return [] }
      return [
        .unique([dates.surrogateKey]), .notNull(dates.surrogateKey), .unique([DateDimension.dateColumn]),
        .notNull(DateDimension.dateColumn),
      ]
    case "time_dimension":
      guard let times = TimeDimension.decode(node).value else { return [] }
      return [
        .unique([times.surrogateKey]), .notNull(times.surrogateKey), .unique([TimeDimension.timeColumn]),
        .notNull(TimeDimension.timeColumn),
      ]
    case "audit_dimension":
      guard let audit = AuditDimension.decode(node).value else { return [] }
      return [.unique([audit.surrogateKey]), .notNull(audit.surrogateKey)]
    case "junk_dimension":
      guard let junk = JunkDimension.decode(node).value else { return [] }
      return [.unique([junk.surrogateKey]), .notNull(junk.surrogateKey)]
    case "bridge":
      guard let bridge = Bridge.decode(node).value?.fact else { return [] }
      return [.unique(bridge.grain)] + bridge.grain.map { .notNull($0) }
    case "fact":
      guard let fact = Fact.decode(node).value else { return [] }
      return [.unique(fact.grain)] + fact.grain.map { .notNull($0) }
    default: return []
    }
  }
}

extension TestFusion.Fact {
  /// The same of one column, as the fusion of tests takes it; nil for what is known of several columns together.
  public init?(_ proved: ProvedFact) {
    switch proved {
    case .notNull(let column): self = .notNull(column)
    case .unique(let columns) where columns.count == 1: self = .unique(columns[0])
    case .unique: return nil
    }
  }
}
