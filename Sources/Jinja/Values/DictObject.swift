/// Python's dict: keys by Python's equality (1, 1.0 and True are one key), in order of insertion.
public final class DictObject {
  struct Entry {
    var key: Value
    var value: Value
    var hash: Int
  }

  /// nil where an entry was removed.
  private var entries: [Entry?] = []
  /// Open addressing over positions in `entries`; -1 is free, -2 was removed. Empty while the
  /// dictionary is small enough to be searched from end to end.
  private var table: [Int32] = []
  public private(set) var count = 0
  /// Grows whenever keys come or go, so that a loop notices.
  private(set) var version = 0
  /// Called for a key that is not there, as by a default dictionary.
  private static let linearLimit = 8

  public init() {}

  deinit {
    if entries.contains(where: { $0?.value.isContainer ?? false }) {
      var values = self.values
      entries = []
      Dismantling.release(&values)
    }
  }

  public convenience init(_ entries: [(String, Value)]) {
    self.init()
    for (key, value) in entries { self[key] = value }
  }

  public var isEmpty: Bool { count == 0 }

  public var keys: [Value] { entries.compactMap { $0?.key } }
  public var values: [Value] { entries.compactMap { $0?.value } }
  public var pairs: [(key: Value, value: Value)] {
    entries.compactMap { $0.map { ($0.key, $0.value) } }
  }

  /// The value of a text key.
  public subscript(key: String) -> Value? {
    get { find(text: key, hash: Value.hash(text: key)).flatMap { entries[$0]?.value } }
    set {
      let hash = Value.hash(text: key)
      if let index = find(text: key, hash: hash) {
        if let newValue { entries[index]?.value = newValue } else { removeEntry(at: index) }
      } else if let newValue {
        append(Entry(key: .string(key), value: newValue, hash: hash))
      }
    }
  }

  /// - Throws: a type error when the key cannot be hashed.
  public func value(for key: Value) throws -> Value? {
    if case .string(let text) = key { return self[text] }
    return try find(key, hash: key.hash()).flatMap { entries[$0]?.value }
  }

  public func set(_ key: Value, _ value: Value) throws {
    let hash = try key.hash()
    if let index = try find(key, hash: hash) {
      entries[index]?.value = value
    } else {
      append(Entry(key: key, value: value, hash: hash))
    }
  }

  @discardableResult
  public func remove(_ key: Value) throws -> Value? {
    guard let index = try find(key, hash: key.hash()) else { return nil }
    let value = entries[index]?.value
    removeEntry(at: index)
    return value
  }

  public func removeLast() -> (key: Value, value: Value)? {
    guard let index = entries.lastIndex(where: { $0 != nil }), let entry = entries[index] else { return nil }
    removeEntry(at: index)
    return (entry.key, entry.value)
  }

  public func removeAll() {
    entries = []
    table = []
    count = 0
    version += 1
  }

  public func copy() -> DictObject {
    let copy = DictObject()
    copy.entries = entries
    copy.table = table
    copy.count = count
    return copy
  }

  /// The entry at or after a position of the internal order, for a loop that sees changes.
  func entry(from position: inout Int) -> Entry? {
    while position < entries.count {
      defer { position += 1 }
      if let entry = entries[position] { return entry }
    }
    return nil
  }

  // MARK: - The table

  private func find(text: String, hash: Int) -> Int? {
    if table.isEmpty {
      for index in entries.indices {
        if let entry = entries[index], entry.hash == hash, let other = entry.key.stringValue,
          Value.sameText(other, text)
        {
          return index
        }
      }
      return nil
    }
    let mask = table.count - 1
    var slot = hash & mask
    while table[slot] != -1 {
      let index = Int(table[slot])
      if index >= 0, let entry = entries[index], entry.hash == hash, let other = entry.key.stringValue,
        Value.sameText(other, text)
      {
        return index
      }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private func find(_ key: Value, hash: Int) throws -> Int? {
    if let text = key.stringValue { return find(text: text, hash: hash) }
    if table.isEmpty {
      for index in entries.indices {
        if let entry = entries[index], entry.hash == hash, try entry.key.isEqual(to: key) { return index }
      }
      return nil
    }
    let mask = table.count - 1
    var slot = hash & mask
    while table[slot] != -1 {
      let index = Int(table[slot])
      if index >= 0, let entry = entries[index], entry.hash == hash, try entry.key.isEqual(to: key) {
        return index
      }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private func append(_ entry: Entry) {
    entries.append(entry)
    count += 1
    version += 1
    if table.isEmpty {
      if entries.count > DictObject.linearLimit { rebuild() }
    } else if entries.count * 2 > table.count {
      rebuild()
    } else {
      place(entries.count - 1, hash: entry.hash)
    }
  }

  private func place(_ index: Int, hash: Int) {
    let mask = table.count - 1
    var slot = hash & mask
    while table[slot] >= 0 { slot = (slot + 1) & mask }
    table[slot] = Int32(index)
  }

  private func rebuild() {
    entries.removeAll { $0 == nil }
    var size = 32
    while size < entries.count * 4 { size *= 2 }
    table = [Int32](repeating: -1, count: size)
    for index in entries.indices {
      if let entry = entries[index] { place(index, hash: entry.hash) }
    }
  }

  private func removeEntry(at index: Int) {
    guard let entry = entries[index] else { return }
    if !table.isEmpty {
      let mask = table.count - 1
      var slot = entry.hash & mask
      while table[slot] != Int32(index) { slot = (slot + 1) & mask }
      table[slot] = -2
    }
    entries[index] = nil
    count -= 1
    version += 1
    if table.isEmpty { entries.remove(at: index) }
  }
}
