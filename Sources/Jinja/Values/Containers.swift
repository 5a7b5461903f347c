/// Python's list: shared by everyone who holds it.
public final class ListObject {
  public var items: [Value]

  public init(_ items: [Value] = []) { self.items = items }

  deinit {
    if items.contains(where: \.isContainer) { Dismantling.release(&items) }
  }
}

/// Python's set. Elements keep the order in which they were added.
public final class SetObject {
  let members: DictObject
  public let isFrozen: Bool

  public init(_ items: [Value] = [], isFrozen: Bool = false) throws {
    members = DictObject()
    self.isFrozen = isFrozen
    for item in items { try insert(item) }
  }

  private init() {
    members = DictObject()
    isFrozen = false
  }

  /// A new set without elements.
  static var empty: SetObject { SetObject() }

  public var items: [Value] { members.keys }
  public var count: Int { members.count }

  public func insert(_ value: Value) throws { try members.set(value, .none) }
  public func contains(_ value: Value) throws -> Bool { try members.value(for: value) != nil }
}

extension Value {
  /// Whether the value is a list or a dictionary.
  var isContainer: Bool {
    switch self {
    case .list, .dict: true
    default: false
    }
  }
}
