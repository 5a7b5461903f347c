import Diagnostics
import OrderedCollections
import ProjectModel

extension Bool: CacheCoded {
  func encode(to cache: inout CacheWriter) { cache.add(byte: self ? 1 : 0) }
  init(from cache: inout CacheReader) { self = cache.byte() != 0 }
}

extension Int: CacheCoded {
  /// Small negative numbers are short, too.
  func encode(to cache: inout CacheWriter) { cache.add(count: self << 1 ^ self >> (Int.bitWidth - 1)) }
  init(from cache: inout CacheReader) {
    let folded = UInt(bitPattern: cache.count())
    self = Int(bitPattern: folded >> 1 ^ (0 &- (folded & 1)))
  }
}

extension UInt64: CacheCoded {
  func encode(to cache: inout CacheWriter) { cache.add(fixed: self) }
  init(from cache: inout CacheReader) { self = cache.fixed() }
}

extension Double: CacheCoded {
  func encode(to cache: inout CacheWriter) { cache.add(fixed: bitPattern) }
  init(from cache: inout CacheReader) { self.init(bitPattern: cache.fixed()) }
}

extension String: CacheCoded {
  func encode(to cache: inout CacheWriter) { cache.add(text: self) }
  init(from cache: inout CacheReader) { self = cache.text() }
}

extension Optional: CacheCoded where Wrapped: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(byte: self == nil ? 0 : 1)
    if let self { cache.add(self) }
  }
  init(from cache: inout CacheReader) { self = cache.byte() == 0 ? nil : Wrapped(from: &cache) }
}

extension Array: CacheCoded where Element: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(count: count)
    for element in self { cache.add(element) }
  }
  init(from cache: inout CacheReader) {
    let count = cache.length()
    self.init()
    reserveCapacity(count)
    for _ in 0..<count { append(cache.get()) }
  }
}

extension OrderedDictionary: CacheCoded where Key: CacheCoded, Value: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(count: count)
    for (key, value) in self {
      cache.add(key)
      cache.add(value)
    }
  }
  init(from cache: inout CacheReader) {
    let count = cache.length()
    self.init(minimumCapacity: count)
    for _ in 0..<count {
      let key: Key = cache.get()
      self[key] = Value(from: &cache)
    }
  }
}

extension PlainValue: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    switch self {
    case .null: cache.add(byte: 0)
    case .bool(let value): cache.add(byte: value ? 2 : 1)
    case .int(let value):
      cache.add(byte: 3)
      cache.add(value)
    case .double(let value):
      cache.add(byte: 4)
      cache.add(value)
    case .string(let value):
      cache.add(byte: 5)
      cache.add(value)
    case .list(let items):
      cache.add(byte: 6)
      cache.add(items)
    case .mapping(let entries):
      cache.add(byte: 7)
      cache.add(entries)
    }
  }

  init(from cache: inout CacheReader) {
    switch cache.byte() {
    case 1: self = .bool(false)
    case 2: self = .bool(true)
    case 3: self = .int(cache.get())
    case 4: self = .double(cache.get())
    case 5: self = .string(cache.get())
    case 6: self = .list(cache.get())
    case 7: self = .mapping(cache.get())
    default: self = .null
    }
  }
}

extension NodeID: CacheCoded {
  func encode(to cache: inout CacheWriter) { cache.add(rawValue) }
  init(from cache: inout CacheReader) { self.init(cache.text()) }
}

extension ResourceType: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(count: ResourceType.allCases.firstIndex(of: self) ?? 0)
  }
  init(from cache: inout CacheReader) {
    let number = cache.count()
    self = Self.known.indices.contains(number) ? Self.known[number] : .model
  }

  private static let known = Array(ResourceType.allCases)
}

extension SourceSpan: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(word: file)
    cache.add(count: start.line)
    cache.add(count: start.column)
    cache.add(count: end.line)
    cache.add(count: end.column)
  }

  init(from cache: inout CacheReader) {
    self.init(
      file: cache.word(), start: SourcePosition(line: cache.count(), column: cache.count()),
      end: SourcePosition(line: cache.count(), column: cache.count()))
  }
}

/// Warnings: a project with errors is never cached.
extension Diagnostic: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(code.rawValue)
    cache.add(severity.rawValue)
    cache.add(summary)
    cache.add(span)
    cache.add(label)
    cache.add(secondary)
    cache.add(stack)
    cache.add(notes)
    cache.add(help)
    cache.add(statement)
    cache.add(facts.keys.sorted().flatMap { [$0, facts[$0] ?? ""] })
    cache.add(meant)
  }

  init(from cache: inout CacheReader) {
    self.init(
      DiagnosticCode(rawValue: cache.get()), severity: Severity(rawValue: cache.get()) ?? .warning,
      cache.get(), at: cache.get(), label: cache.get(), secondary: cache.get(), stack: cache.get(),
      notes: cache.get(), help: cache.get(), statement: cache.get())
    let words: [String] = cache.get()
    for index in stride(from: 0, to: words.count - 1, by: 2) { facts[words[index]] = words[index + 1] }
    meant = cache.get()
  }
}

extension NearMiss: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(wrong)
    cache.add(right)
  }
  init(from cache: inout CacheReader) { self.init(wrong: cache.text(), right: cache.text()) }
}

extension Diagnostic.Label: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(span)
    cache.add(text)
  }
  init(from cache: inout CacheReader) { self.init(span: cache.get(), text: cache.get()) }
}

extension Diagnostic.Frame: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(name)
    cache.add(span)
  }
  init(from cache: inout CacheReader) { self.init(name: cache.get(), span: cache.get()) }
}
