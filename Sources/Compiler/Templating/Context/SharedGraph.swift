import Jinja
import Synchronization

/// What templates have put into `graph` beside the manifest's entries, for the renders that follow.
///
/// In dbt, `graph` is one dictionary for a whole run, and packages keep things in it from `on-run-start` to `on-run-end`.
/// Here each render has its own; at its end, what it added, changed and removed is taken over for those that begin
/// later. Lists grow and dictionaries fill from renders that go on at the same time.
final class SharedGraph: Sendable {
  /// Sendable because nobody else holds what is in it: containers are copied on their way in and out, under the lock,
  /// and ``copy(_:)`` lets only objects pass that never change.
  private struct Held: @unchecked Sendable {
    let entries = DictObject()
  }

  private let held = Mutex(Held())

  /// Copies of everything.
  func entries() -> DictObject {
    held.withLock { Self.copy($0.entries) }
  }

  /// Takes over what a render has made of its copies.
  ///
  /// - Parameters:
  ///   - entries: as they are now.
  ///   - before: as the render got them.
  func take(_ entries: DictObject, before: DictObject) {
    guard !(entries.isEmpty && before.isEmpty) else { return }
    held.withLock { Self.merge(entries, before: before, into: $0.entries) }
  }

  private static func merge(_ new: DictObject, before: DictObject?, into known: DictObject) {
    for key in before?.keys ?? [] where (try? new.value(for: key)) == nil {
      _ = try? known.remove(key)
    }
    for (key, value) in new.pairs {
      let old = (try? before?.value(for: key)) ?? nil
      let present = (try? known.value(for: key)) ?? nil
      if case .dict(let new) = value, case .dict(let known)? = present {
        var before: DictObject?
        if case .dict(let dict)? = old { before = dict }
        merge(new, before: before, into: known)
      } else if case .list(let new) = value, case .list(let known)? = present, case .list(let old)? = old,
        new.items.count >= old.items.count
      {
        known.items += new.items.dropFirst(old.items.count).compactMap(copy)
      } else if let copy = copy(value) {
        try? known.set(key, copy)
      }
    }
  }

  // MARK: Copies

  private static func copy(_ dict: DictObject) -> DictObject {
    let result = DictObject()
    for (key, value) in dict.pairs {
      if let value = copy(value) { try? result.set(key, value) }
    }
    return result
  }

  /// nil for what belongs to one render: macros, say.
  private static func copy(_ value: Value) -> Value? {
    switch value {
    case .undefined: nil
    case .none, .bool, .int, .bigInt, .double, .string, .markup: value
    case .list(let list): .list(list.items.compactMap(copy))
    case .tuple(let items): .tuple(items.compactMap(copy))
    case .dict(let dict): .dict(copy(dict))
    case .set(let set): (try? SetObject(set.items.compactMap(copy), isFrozen: set.isFrozen)).map(Value.set)
    case .object(let object):
      switch object {
      case is RelationObject, is ColumnObject, is Moment, is DecimalObject: value
      case let object as any JSONEncodableObject: (try? object.jsonValue()).flatMap { $0 }.flatMap(copy)
      default: nil
      }
    }
  }
}
