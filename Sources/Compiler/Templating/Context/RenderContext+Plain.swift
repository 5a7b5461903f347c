import Jinja
import ProjectModel

/// Functions that need nothing of the run: conversion, sets, hashes.
enum PlainFunctions {
  static func function(_ name: String) -> Value? {
    switch name {
    case "fromjson":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["string", "default"], required: 1)
        guard let text = bound[0]?.stringValue else {
          throw TemplateError(
            .type, "the JSON object must be str, bytes or bytearray, not \(bound[0]?.typeName ?? "NoneType")")
        }
        return JSONText.parse(text) ?? bound[1] ?? .none
      }
    case "tojson":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["value", "default", "sort_keys"], required: 1)
        return .string(try JSONText.write(bound[0] ?? .none, sortsKeys: try bound[2]?.isTrue() ?? false))
      }
    case "fromyaml":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["value", "default"], required: 1)
        return YAMLText.parse(try bound[0]?.text() ?? "") ?? bound[1] ?? .none
      }
    case "toyaml":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["value", "default", "sort_keys"], required: 1)
        guard (bound[0] ?? .none).isData else { return bound[1] ?? .none }
        return .string(
          YAMLText.write(try (bound[0] ?? .none).plain(), sortsKeys: try bound[2]?.isTrue() ?? false))
      }
    case "set", "set_strict":
      return .function(name) { arguments, call in
        let bound = try arguments.bind(name, ["value", "default"], required: 1)
        do {
          return .set(try SetObject(try RenderContext.items(of: bound[0] ?? .none)))
        } catch {
          if name == "set_strict" { throw error }
          return bound[1] ?? .none
        }
      }
    case "zip", "zip_strict":
      return .function(name) { arguments, _ in
        do {
          let columns = try arguments.positional.map { try RenderContext.items(of: $0) }
          let count = columns.map(\.count).min() ?? 0
          return .list((0..<count).map { row in .tuple(columns.map { $0[row] }) })
        } catch {
          if name == "zip_strict" { throw error }
          return arguments.named("default") ?? .none
        }
      }
    case "local_md5":
      return .function(name) { arguments, _ in
        .string(MD5.hexadecimal(try arguments.value(0, "value")?.text() ?? ""))
      }
    case "diff_of_two_dicts":
      return .function(name) { arguments, _ in
        let bound = try arguments.bind(name, ["dict_a", "dict_b"], required: 2)
        return try Self.difference(bound[0] ?? .none, bound[1] ?? .none)
      }
    default: return nil
    }
  }

  /// What `a` has and `b` has not, by key and element, ignoring case.
  private static func difference(_ a: Value, _ b: Value) throws -> Value {
    guard case .dict(let left) = a, case .dict(let right) = b else {
      throw TemplateError(.type, "diff_of_two_dicts() takes two mappings of lists")
    }
    var taken: [String: Set<String>] = [:]
    for (key, values) in right.pairs {
      taken[try key.text().lowercased()] = Set(
        try RenderContext.items(of: values).map { try $0.text().lowercased() })
    }
    let difference = DictObject()
    for (key, values) in left.pairs {
      guard let others = taken[try key.text().lowercased()] else {
        try difference.set(key, values)
        continue
      }
      let rest = try RenderContext.items(of: values).filter { !others.contains(try $0.text().lowercased()) }
      if !rest.isEmpty { try difference.set(key, .list(rest)) }
    }
    return .dict(difference)
  }
}

extension RenderContext {
  /// The elements of anything that can be looped over.
  static func items(of value: Value) throws -> [Value] {
    switch value {
    case .list(let list): return list.items
    case .tuple(let items): return items
    case .set(let set): return set.items
    case .dict(let dict): return dict.keys
    case .string(let text), .markup(let text): return text.map { .string(String($0)) }
    case .object(let object):
      guard let iterator = try object.makeIterator() else { break }
      var items: [Value] = []
      while let next = try iterator.next() { items.append(next) }
      return items
    default: break
    }
    throw TemplateError(.type, "'\(value.typeName)' object is not iterable")
  }
}
