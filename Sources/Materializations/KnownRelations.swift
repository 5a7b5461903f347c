public import ProjectModel
public import Warehouse

/// Relations that a plan may ask about by name: leftovers, ledgers, dimensions.
///
/// Backed by whoever knows the catalogue, so that a plan in a schema of thousands is told only of the few it asks for.
public struct KnownRelations: Sendable, ExpressibleByDictionaryLiteral {
  private var told: [RelationName: RelationState]
  private let look: @Sendable (RelationName) -> RelationState?

  /// - Parameter look: what stands under a name now; nil when nothing does.
  public init(_ look: @escaping @Sendable (RelationName) -> RelationState?) {
    told = [:]
    self.look = look
  }

  public init(dictionaryLiteral elements: (RelationName, RelationState)...) {
    told = Dictionary(elements, uniquingKeysWith: { _, last in last })
    look = { _ in nil }
  }

  public subscript(name: RelationName) -> RelationState? {
    get { told[name] ?? look(name) }
    set { told[name] = newValue }
  }
}
