import ProjectModel
import Warehouse

/// Locks that last until the transaction ends and that only whc takes, keyed by a relation's name.
enum AdvisoryLock {
  /// - Parameter space: what the lock is about: `relation` for changes in place.
  static func statement(_ space: String, _ relation: RelationName, dialect: Dialect) -> String {
    let name = "whc \(space) \(relation.schema ?? "").\(relation.identifier)"
    return "select pg_advisory_xact_lock(hashtextextended(\(dialect.literal(name)), 0))"
  }
}
