import Jinja
import OrderedCollections
import ProjectModel

extension TemplateEngine {
  /// What one of the four built-in tests says of itself, read from its arguments alone; nil for any other test, for
  /// one whose macros somebody overrode, and for arguments that must be rendered.
  func builtInTest(_ source: TemplateSource) -> ParsedTemplate? {
    guard let arguments = source.testArguments, let model = arguments["model"]?.string else { return nil }
    for name in ["test_unique", "test_not_null", "test_accepted_values", "test_relationships"]
    where source.text == "{{ \(name)(**_dbt_generic_test_kwargs) }}" {
      guard library.isUntouched(name, from: source.packageName),
        library.isUntouched("get_where_subquery", from: source.packageName),
        let test = library.resolve(name, from: source.packageName),
        let subquery = library.resolve("get_where_subquery", from: source.packageName)
      else { return nil }
      var parsed = ParsedTemplate()
      guard let inner = Self.inside("{{ get_where_subquery(", model, ") }}"), parsed.addReference(inner)
      else {
        return nil
      }
      if name == "test_relationships" {
        guard let to = arguments["to"]?.string, parsed.addReference(to) else { return nil }
      }
      for (key, value) in arguments where key != "model" && key != "to" && key != "column_name" {
        guard Self.isPlain(value) else { return nil }
      }
      parsed.macros = [test.id, subquery.id]
      return parsed
    }
    return nil
  }

  fileprivate static func inside(_ prefix: String, _ text: String, _ suffix: String) -> String? {
    guard text.hasPrefix(prefix), text.hasSuffix(suffix),
      text.utf8.count >= prefix.utf8.count + suffix.utf8.count
    else { return nil }
    return String(text.dropFirst(prefix.count).dropLast(suffix.count))
  }

  private static func isPlain(_ value: PlainValue) -> Bool {
    switch value {
    case .string(let text): !JinjaText.hasTags(text) && !TestArguments.looksLikeCall(text)
    case .list(let items): items.allSatisfy(isPlain)
    case .mapping(let entries): entries.values.allSatisfy(isPlain)
    default: true
    }
  }
}

extension ParsedTemplate {
  /// Notes `ref('x')`, `ref('x', version='2')` or `source('a', 'b')`; false when the text is anything else.
  fileprivate mutating func addReference(_ text: String) -> Bool {
    let trimmed = text.trimmed
    guard let open = trimmed.firstIndex(of: "("), trimmed.hasSuffix(")") else { return false }
    let words = trimmed[trimmed.index(after: open)...].dropLast().split(separator: ",").map { $0.trimmed }
    func literal(_ word: String) -> String? {
      guard word.count >= 2, let quote = word.first, quote == "'" || quote == "\"", word.last == quote else {
        return nil
      }
      let inner = word.dropFirst().dropLast()
      return inner.contains(quote) || inner.contains("\\") ? nil : String(inner)
    }
    switch (trimmed[..<open].trimmed, words.count) {
    case ("ref", 1):
      guard let name = literal(words[0]) else { return false }
      refs.append(RefCall(name: name))
    case ("ref", 2):
      if let name = literal(words[0]), let version = words[1].split(separator: "=", maxSplits: 1).last,
        words[1].hasPrefix("version="), let text = literal(String(version))
      {
        var call = RefCall(name: name, version: text)
        call.isVersionText = true
        refs.append(call)
      } else if let package = literal(words[0]), let name = literal(words[1]) {
        refs.append(RefCall(package: package, name: name))
      } else {
        return false
      }
    case ("source", 2):
      guard let source = literal(words[0]), let table = literal(words[1]) else { return false }
      sources.append(SourceCall(source: source, table: table))
    default: return false
    }
    return true
  }
}

/// The keyword arguments of generic tests as templates see them.
enum TestArguments {
  /// Whether a text is a call without braces, which dbt renders all the same: `ref('orders')`.
  static func looksLikeCall(_ text: String) -> Bool {
    let text = text.trimmed
    guard text.hasSuffix(")") else { return false }
    for name in ["env_var", "ref", "var", "source", "doc"] where text.hasPrefix(name) {
      let rest = text.dropFirst(name.count).trimmed
      return rest.hasPrefix("(") && rest.count > 2
    }
    return false
  }
}

extension RenderContext {
  /// Puts a generic test's arguments, rendered to values, under the name that its template uses.
  func addTestArguments(_ arguments: OrderedDictionary<String, PlainValue>) throws(TemplateError) {
    let dict = DictObject()
    for (key, value) in arguments {
      dict[key] = key == "column_name" ? Value(value) : try testArgument(value)
    }
    extras["_dbt_generic_test_kwargs"] = .dict(dict)
  }

  /// What `{{ get_where_subquery(ref('orders')) }}` gives when that macro is dbt's own and no row is left out: the
  /// relation itself. nil: the text must be rendered, be it to say what is wrong.
  private func testedRelation(_ text: String) -> Value? {
    guard mode == .run, subject.node?.config["where"].map({ $0.isNull || $0 == "" }) ?? true,
      let inner = TemplateEngine.inside("{{ get_where_subquery(", text, ") }}"),
      library.isUntouched("get_where_subquery", from: package),
      library.find("ref", from: package) == nil, library.find("source", from: package) == nil
    else { return nil }
    var named = ParsedTemplate()
    guard named.addReference(inner) else { return nil }
    let place = TemplateError.Location(template: subject.file, offset: 0, line: 1, column: 1)
    if let reference = named.refs.first { return try? resolve(reference, at: place) }
    return named.sources.first.flatMap { try? resolve($0, at: place) }
  }

  private func testArgument(_ value: PlainValue) throws(TemplateError) -> Value {
    switch value {
    case .string(let text):
      if let relation = testedRelation(text) { return relation }
      let source = TestArguments.looksLikeCall(text) ? "{{ \(text) }}" : text
      guard JinjaText.hasTags(source) else { return .string(text) }
      let template = try Template(parsing: source, name: "test argument", syntax: DbtJinja.syntax)
      return try interpreter.renderNative(template)
    case .list(let items):
      var values: [Value] = []
      for item in items { values.append(try testArgument(item)) }
      return .list(values)
    case .mapping(let entries):
      let dict = DictObject()
      for (key, value) in entries { dict[key] = try testArgument(value) }
      return .dict(dict)
    default: return Value(value)
    }
  }
}
