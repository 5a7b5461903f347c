extension PythonModules {
  public static func re() -> Value {
    var values: [String: Value] = [
      "compile": .function("compile") { arguments, _ in
        let bound = try arguments.bind("compile", ["pattern", "flags"], required: 1)
        return .object(try PatternObject.make(bound[0] ?? .none, bound[1]))
      },
      "escape": .function("escape") { arguments, _ in
        let text = try (arguments.bind("escape", ["pattern"], required: 1)[0] ?? .none).text()
        let special = Set("()[]{}?*+-|^$\\.&~# \t\n\r\u{B}\u{C}".unicodeScalars)
        return .string(text.unicodeScalars.map { special.contains($0) ? "\\\($0)" : String($0) }.joined())
      },
      "purge": .function("purge") { _, _ in .none },
    ]
    let flags: [(String, Int)] = [
      ("IGNORECASE", 2), ("I", 2), ("MULTILINE", 8), ("M", 8), ("DOTALL", 16), ("S", 16), ("UNICODE", 32),
      ("U", 32), ("VERBOSE", 64), ("X", 64), ("ASCII", 256), ("A", 256),
    ]
    for (name, flag) in flags { values[name] = .int(flag) }
    // Each function of the module takes the pattern first and the flags last.
    let operations = [
      ("match", ["string"]), ("fullmatch", ["string"]), ("search", ["string"]), ("findall", ["string"]),
      ("finditer", ["string"]), ("split", ["string", "maxsplit"]), ("sub", ["repl", "string", "count"]),
      ("subn", ["repl", "string", "count"]),
    ]
    for (name, parameters) in operations {
      values[name] = .function(name) { arguments, context in
        let bound = try arguments.bind(
          name, ["pattern"] + parameters + ["flags"], required: parameters.contains("repl") ? 3 : 2)
        let pattern = try PatternObject.make(bound[0] ?? .none, bound.last ?? nil)
        let rest = bound.dropFirst().dropLast().compactMap { $0 }
        return try pattern.perform(name, Arguments(Array(rest)), context)
      }
    }
    return .object(ModuleObject("re", values))
  }
}

/// A compiled pattern.
final class PatternObject: JinjaObject {
  let regex: RegularExpression

  init(_ regex: RegularExpression) { self.regex = regex }

  static func make(_ pattern: Value, _ flags: Value?) throws -> PatternObject {
    if let compiled = pattern.object(as: PatternObject.self) { return compiled }
    guard let text = pattern.stringValue else {
      if case .undefined(let undefined) = pattern { throw undefined.error }
      throw TemplateError(.type, "first argument must be string or compiled pattern")
    }
    return PatternObject(try RegularExpression(text, flags: .init(rawValue: try flags?.index() ?? 0)))
  }

  var typeName: String { "re.Pattern" }
  func representation() -> String { "re.compile(\(Value.representation(of: regex.pattern)))" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "pattern": return .string(regex.pattern)
    case "groups": return .int(regex.groupCount)
    case "flags": return .int(regex.flags.rawValue | 32)
    case "groupindex": return .dict(regex.names.map { ($0.name, .int($0.index)) })
    case "match", "fullmatch", "search", "findall", "finditer", "split", "sub", "subn":
      return .function(name) { [self] arguments, context in
        let names: [String]
        switch name {
        case "split": names = ["string", "maxsplit"]
        case "sub", "subn": names = ["repl", "string", "count"]
        default: names = ["string", "pos", "endpos"]
        }
        let bound = try arguments.bind(name, names, required: name.hasPrefix("sub") ? 2 : 1)
        return try perform(name, Arguments(bound.compactMap { $0 }), context)
      }
    default: return nil
    }
  }

  func perform(_ name: String, _ arguments: Arguments, _ context: CallContext) throws -> Value {
    let isSubstitution = name == "sub" || name == "subn"
    let subject = arguments.positional[isSubstitution ? 1 : 0]
    guard let string = subject.stringValue else {
      if case .undefined(let undefined) = subject, undefined.behaviour == .strict { throw undefined.error }
      throw TemplateError(.type, "expected string or bytes-like object, got '\(subject.typeName)'")
    }
    var text = Array(string.unicodeScalars)
    switch name {
    case "match", "fullmatch", "search":
      let start = arguments.positional.count > 1 ? max(0, try arguments.positional[1].index()) : 0
      if arguments.positional.count > 2 {
        text = Array(text.prefix(max(0, try arguments.positional[2].index())))
      }
      guard start <= text.count else { return .none }
      let match =
        name == "search"
        ? try regex.search(text, from: start) : try regex.match(text, at: start, wholly: name == "fullmatch")
      return match.map { .object(MatchObject(self, string, text, $0)) } ?? .none
    case "findall":
      return .list(
        try matches(text).map { match in
          let parts = (0...regex.groupCount).map { part(text, match.groups[$0]) }
          return regex.groupCount == 0
            ? parts[0] : regex.groupCount == 1 ? parts[1] : .tuple(Array(parts.dropFirst()))
        })
    case "finditer":
      let found = try matches(text).map { Value.object(MatchObject(self, string, text, $0)) }
      return .object(IteratorObject(typeName: "callable_iterator", ArrayIterator(found)))
    case "split":
      let limit = arguments.positional.count > 1 ? try arguments.positional[1].index() : 0
      var result: [Value] = []
      var last = 0
      for match in try matches(text, limit: limit) {
        result.append(part(text, last..<match.range.lowerBound))
        for group in match.groups.dropFirst() {
          result.append(group == nil ? .none : part(text, group))
        }
        last = match.range.upperBound
      }
      return .list(result + [part(text, last..<text.count)])
    default:
      let limit = arguments.positional.count > 2 ? try arguments.positional[2].index() : 0
      let found = try matches(text, limit: limit)
      let replacement = arguments.positional[0]
      var result = String.UnicodeScalarView()
      var last = 0
      for match in found {
        result.append(contentsOf: text[last..<match.range.lowerBound])
        let object = MatchObject(self, string, text, match)
        let part =
          try replacement.stringValue.map { try object.expand($0) }
          ?? context.call(replacement, Arguments([.object(object)])).text()
        result.append(contentsOf: part.unicodeScalars)
        last = match.range.upperBound
      }
      result.append(contentsOf: text[last...])
      return name == "sub" ? .string(String(result)) : .tuple([.string(String(result)), .int(found.count)])
    }
  }

  private func part(_ text: [Unicode.Scalar], _ range: Range<Int>?) -> Value {
    .string(range.map { String(text[$0]) } ?? "")
  }

  /// Matches that do not overlap; an empty one may follow a match directly.
  private func matches(_ text: [Unicode.Scalar], limit: Int = 0) throws -> [RegularExpression.Match] {
    var result: [RegularExpression.Match] = []
    var position = 0
    var isAfterEmpty = false
    while limit <= 0 || result.count < limit {
      guard let match = try regex.search(text, from: position, advancing: isAfterEmpty) else { break }
      result.append(match)
      position = match.range.upperBound
      isAfterEmpty = match.range.isEmpty
    }
    return result
  }
}

/// A match.
final class MatchObject: JinjaObject {
  private let pattern: PatternObject
  private let string: String
  private let text: [Unicode.Scalar]
  private let match: RegularExpression.Match

  init(_ pattern: PatternObject, _ string: String, _ text: [Unicode.Scalar], _ match: RegularExpression.Match)
  {
    self.pattern = pattern
    self.string = string
    self.text = text
    self.match = match
  }

  var typeName: String { "re.Match" }
  func representation() throws -> String {
    "<re.Match object; span=(\(match.range.lowerBound), \(match.range.upperBound)),"
      + " match=\(try group(.int(0)).representation())>"
  }

  private func index(_ key: Value) throws -> Int {
    if let index = key.intValue, match.groups.indices.contains(index) { return index }
    if let name = key.stringValue, let found = pattern.regex.names.first(where: { $0.name == name }) {
      return found.index
    }
    throw TemplateError(.index, "no such group")
  }

  private func group(_ key: Value) throws -> Value {
    match.groups[try index(key)].map { .string(String(text[$0])) } ?? .none
  }

  func item(_ key: Value) throws -> Value? { try group(key) }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "string": return .string(string)
    case "re": return .object(pattern)
    case "pos": return .int(0)
    case "endpos": return .int(text.count)
    case "lastindex": return match.lastGroup.map { .int($0) } ?? Value.none
    case "group":
      return .function(name) { [self] arguments, _ in
        let keys = arguments.positional
        if keys.count <= 1 { return try group(keys.first ?? .int(0)) }
        return .tuple(try keys.map { try group($0) })
      }
    case "groups":
      return .function(name) { [self] arguments, _ in
        let fallback = arguments.value(0, "default") ?? .none
        return .tuple(match.groups.dropFirst().map { $0.map { .string(String(text[$0])) } ?? fallback })
      }
    case "groupdict":
      return .function(name) { [self] arguments, _ in
        let fallback = arguments.value(0, "default") ?? .none
        return .dict(
          pattern.regex.names.map { entry in
            (entry.name, match.groups[entry.index].map { .string(String(text[$0])) } ?? fallback)
          })
      }
    case "start", "end", "span":
      return .function(name) { [self] arguments, _ in
        let range = match.groups[try index(arguments.positional.first ?? .int(0))]
        let (start, end) = (range?.lowerBound ?? -1, range?.upperBound ?? -1)
        return name == "start" ? .int(start) : name == "end" ? .int(end) : .tuple([.int(start), .int(end)])
      }
    case "expand":
      return .function(name) { [self] arguments, _ in
        .string(try expand(try (arguments.positional.first ?? .none).text()))
      }
    default: return nil
    }
  }

  /// A replacement with its references: `\1`, `\g<name>`.
  func expand(_ template: String) throws -> String {
    let scalars = Array(template.unicodeScalars)
    var result = ""
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      index += 1
      guard scalar == "\\", index < scalars.count else {
        result.unicodeScalars.append(scalar)
        continue
      }
      let escape = scalars[index]
      index += 1
      switch escape {
      case "g":
        guard index < scalars.count, scalars[index] == "<", let end = scalars[index...].firstIndex(of: ">")
        else {
          throw TemplateError(.regularExpression, "missing < at position \(index)")
        }
        let name = String(scalars[(index + 1)..<end])
        result += try reference(Int(name).map { .int($0) } ?? .string(name), index)
        index = end + 1
      case "0"..."9":
        var number = Int(escape.value - 48)
        if number > 0, index < scalars.count, let digit = Int(String(scalars[index])) {
          number = number * 10 + digit
          index += 1
        }
        result += number == 0 ? "\0" : try reference(.int(number), index - 1)
      case "n": result += "\n"
      case "t": result += "\t"
      case "r": result += "\r"
      case "\\": result += "\\"
      default:
        if StringTraits.isAlpha(escape) {
          throw TemplateError(.regularExpression, "bad escape \\\(escape) at position \(index - 2)")
        }
        result += "\\\(escape)"
      }
    }
    return result
  }

  private func reference(_ key: Value, _ position: Int) throws -> String {
    do {
      let value = try group(key)
      return value.isNone ? "" : try value.text()
    } catch {
      throw TemplateError(
        .regularExpression,
        "invalid group reference \(key.representationOrPlaceholder) at position \(position)")
    }
  }
}
