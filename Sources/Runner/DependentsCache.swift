import Materializations
import ProjectModel
import Synchronization
import Warehouse

/// Relations that views read or foreign keys point at.
///
/// Asked once for all of them before the first node, and only whether there is something: what it is, is asked when
/// a plan is made that would replace the relation. The answer is then fresh, and a project of views, each standing
/// on the other, does not pay for the definitions of all of them under each of them.
final class DependentsCache: Sendable {
  private let known = Mutex<Set<RelationName>>([])

  func fill(_ relations: [RelationName], from session: any Session) throws(WarehouseError) {
    let found = try session.relationsWithDependents(among: relations)
    known.withLock { $0 = found }
  }

  func contains(_ relation: RelationName) -> Bool { known.withLock { $0.contains(relation) } }
}
