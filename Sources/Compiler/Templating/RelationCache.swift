public import ProjectModel
import Synchronization
public import Warehouse

/// What is known of the relations in the database, shared by all threads of a run.
///
/// Macros read and change it through `adapter`; the runner fills it before the first node and keeps it
/// up to date with what plans create and drop.
public final class RelationCache: Sendable {
  private struct Key: Hashable {
    var database: String
    var schema: String

    init(_ database: String?, _ schema: String) {
      self.database = (database ?? "").lowercased()
      self.schema = schema.lowercased()
    }
  }

  private let schemas = Mutex<[Key: [String: RelationState]]>([:])

  public init() {}

  /// Puts what the catalogue says of these schemas in the place of what was known of them.
  public func fill(_ names: [SchemaName], with relations: [RelationState]) {
    schemas.withLock { schemas in
      for name in names { schemas[Key(name.database, name.schema)] = [:] }
      for var relation in relations {
        // A catalogue speaks of its own database and may leave its name out.
        if relation.name.database == nil {
          relation.name.database = names.first { $0.schema == relation.name.schema }?.database
        }
        schemas[Key(relation.name.database, relation.name.schema ?? ""), default: [:]][
          relation.name.identifier.lowercased()] = relation
      }
    }
  }

  /// False when nobody has looked into the schema yet.
  public func knows(_ schema: SchemaName) -> Bool {
    schemas.withLock { $0[Key(schema.database, schema.schema)] != nil }
  }

  /// The relations of a schema in the order of their names; nil when nobody has looked yet.
  public func relations(in schema: SchemaName) -> [RelationState]? {
    schemas.withLock { schemas in
      schemas[Key(schema.database, schema.schema)]?.values.sorted { $0.name.identifier < $1.name.identifier }
    }
  }

  public func relation(_ name: RelationName) -> RelationState? {
    schemas.withLock { $0[Key(name.database, name.schema ?? "")]?[name.identifier.lowercased()] }
  }

  public func add(_ relation: RelationState) {
    schemas.withLock {
      $0[Key(relation.name.database, relation.name.schema ?? ""), default: [:]][
        relation.name.identifier.lowercased()] = relation
    }
  }

  public func remove(_ name: RelationName) {
    schemas.withLock {
      _ = $0[Key(name.database, name.schema ?? "")]?.removeValue(forKey: name.identifier.lowercased())
    }
  }

  public func rename(_ from: RelationName, to: RelationName) {
    guard var state = relation(from) else { return }
    remove(from)
    state.name = to
    add(state)
  }

  public func removeSchema(_ schema: SchemaName) {
    schemas.withLock { $0[Key(schema.database, schema.schema)] = [:] }
  }
}
