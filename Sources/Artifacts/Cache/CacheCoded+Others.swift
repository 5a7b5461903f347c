import OrderedCollections
import ProjectModel

extension FunctionSignature: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(arguments)
    cache.add(returnType)
    cache.add(returnDescription)
  }
  init(from cache: inout CacheReader) {
    self.init(arguments: cache.get(), returnType: cache.get(), returnDescription: cache.get())
  }
}

extension FunctionSignature.Argument: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(name)
    cache.add(dataType)
    cache.add(description)
    cache.add(defaultValue)
  }
  init(from cache: inout CacheReader) {
    self.init(
      name: cache.get(), dataType: cache.get(), description: cache.get(), defaultValue: cache.get())
  }
}

extension UnitTest: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(node)
    cache.add(model)
    cache.add(modelName)
    cache.add(inputs)
    cache.add(expected)
    cache.add(overrides)
  }
  init(from cache: inout CacheReader) {
    self.init(
      node: cache.get(), model: cache.get(), modelName: cache.get(), inputs: cache.get(),
      expected: cache.get(), overrides: cache.get())
  }
}

extension UnitTest.Input: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(name)
    cache.add(rows)
  }
  init(from cache: inout CacheReader) { self.init(name: cache.get(), rows: cache.get()) }
}

extension UnitTest.Rows: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    switch self {
    case .values(let rows):
      cache.add(byte: 0)
      cache.add(rows)
    case .query(let text):
      cache.add(byte: 1)
      cache.add(text)
    }
  }
  init(from cache: inout CacheReader) {
    self = cache.byte() == 0 ? .values(cache.get()) : .query(cache.get())
  }
}

extension UnitTest.Overrides: CacheCoded {
  func encode(to cache: inout CacheWriter) {
    cache.add(macros)
    cache.add(variables)
    cache.add(environment)
  }
  init(from cache: inout CacheReader) {
    self.init(macros: cache.get(), variables: cache.get(), environment: cache.get())
  }
}
