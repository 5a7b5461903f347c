public import Diagnostics
public import OrderedCollections
public import ProjectModel

/// What `selectors.yml` defines: selections with a name, at most one of them the default.
public struct SelectorDefinitions: Sendable {
  public private(set) var specs: OrderedDictionary<String, SelectionSpec> = [:]
  public private(set) var defaultName: String?

  public init() {}

  /// Reads the file's contents, Jinja already rendered.
  ///
  /// - Parameter indirect: what the command line says; a definition's own `indirect_selection` wins.
  /// - Throws: a diagnostic with code `broken-selectors` or what a criterion in it is wrong with.
  public init(_ contents: PlainValue, indirect: IndirectSelection = .eager) throws(DiagnosticsError) {
    guard let entries = contents.mapping?["selectors"]?.list else {
      throw DiagnosticsError(.broken("the file has no list under 'selectors'"))
    }
    for entry in entries {
      guard let selector = entry.mapping, let name = selector["name"]?.string else {
        throw DiagnosticsError(.broken("an entry has no 'name'"))
      }
      guard let definition = selector["definition"] else {
        throw DiagnosticsError(.broken("selector '\(name)' has no 'definition'"))
      }
      if let keys = definition.mapping?.keys, keys.count > 1,
        keys.contains("union") || keys.contains("intersection")
      {
        throw DiagnosticsError(
          .broken("the definition of selector '\(name)' has \(keys.joined(separator: ", ")) side by side")
        )
      }
      specs[name] = try Reader(known: specs, indirect: indirect).spec(definition)
      // Jinja may have made the word out of an expression.
      if selector["default"]?.bool ?? (selector["default"]?.string?.lowercased() == "true") {
        if let first = defaultName {
          throw DiagnosticsError(.broken("selectors '\(first)' and '\(name)' both say 'default: true'"))
        }
        defaultName = name
      }
    }
  }

  /// - Throws: a diagnostic that lists what there is.
  public func spec(named name: String) throws(DiagnosticsError) -> SelectionSpec {
    guard let spec = specs[name] else {
      throw DiagnosticsError(
        Diagnostic(
          "unknown-selector", "selectors.yml defines no selector '\(name)'",
          help: specs.isEmpty
            ? "selectors.yml defines none" : "it defines \(specs.keys.joined(separator: ", "))"))
    }
    return spec
  }
}

private struct Reader {
  var known: OrderedDictionary<String, SelectionSpec>
  var indirect: IndirectSelection

  func spec(_ definition: PlainValue) throws(DiagnosticsError) -> SelectionSpec {
    if let text = definition.string {
      return .criterion(try SelectionCriterion(text, indirect: indirect))
    }
    guard let mapping = definition.mapping else {
      throw DiagnosticsError(.broken("a definition is \(definition.kindName), not a string or a mapping"))
    }
    if let parts = mapping["union"] { return try group(.union, parts, key: "union") }
    if let parts = mapping["intersection"] { return try group(.intersection, parts, key: "intersection") }
    return try method(mapping)
  }

  private func group(
    _ operation: SelectionSpec.Group.Operation, _ parts: PlainValue, key: String
  ) throws(DiagnosticsError) -> SelectionSpec {
    guard let items = parts.list else {
      throw DiagnosticsError(.broken("'\(key)' is \(parts.kindName), not a list"))
    }
    var included: [SelectionSpec] = []
    var excluded: SelectionSpec?
    for item in items {
      guard let exclusion = item.mapping?["exclude"], item.mapping?["method"] == nil else {
        included.append(try spec(item))
        continue
      }
      if excluded != nil { throw DiagnosticsError(.broken("'\(key)' has more than one 'exclude'")) }
      excluded = try self.exclusion(exclusion)
    }
    let group = SelectionSpec.group(.init(operation, included))
    return excluded.map { .group(.init(.difference, [group, $0])) } ?? group
  }

  private func exclusion(_ value: PlainValue) throws(DiagnosticsError) -> SelectionSpec? {
    guard let items = value.list else {
      throw DiagnosticsError(.broken("'exclude' is \(value.kindName), not a list"))
    }
    var specs: [SelectionSpec] = []
    for item in items { specs.append(try spec(item)) }
    return specs.count > 1 ? .group(.init(.union, specs)) : specs.first
  }

  private func method(_ mapping: OrderedDictionary<String, PlainValue>) throws(DiagnosticsError)
    -> SelectionSpec
  {
    if mapping.count == 1, let (name, value) = mapping.elements.first {
      if name == "selector" { return try definition(named: value) }
      let (method, arguments) = try SelectionCriterion.method(name)
      var criterion = SelectionCriterion(method: method, value: value, indirect: indirect)
      criterion.arguments = arguments
      return .criterion(criterion)
    }
    guard let name = mapping["method"]?.string, let value = mapping["value"] else {
      throw DiagnosticsError(
        .broken("a definition has \(mapping.keys.joined(separator: ", ")), not 'method' and 'value'"))
    }
    if name == "selector" {
      return try definition(named: value)
    }
    let (method, arguments) = try SelectionCriterion.method(name)
    var criterion = SelectionCriterion(method: method, value: value, indirect: indirect)
    criterion.arguments = arguments
    criterion.withParents = isTrue(mapping["parents"])
    criterion.parentsDepth = depth(mapping["parents_depth"])
    criterion.withChildren = isTrue(mapping["children"])
    criterion.childrenDepth = depth(mapping["children_depth"])
    criterion.withChildrensParents = isTrue(mapping["childrens_parents"])
    if let mode = mapping["indirect_selection"] {
      guard let mode = mode.string.flatMap(IndirectSelection.init) else {
        throw DiagnosticsError(.broken("'indirect_selection' is not eager, cautious, buildable or empty"))
      }
      criterion.indirect = mode
    }
    try criterion.checkOperators("\(name):\(value.string ?? "")")
    guard let exclusion = try mapping["exclude"].map(exclusion) ?? nil else { return .criterion(criterion) }
    return .group(.init(.difference, [.criterion(criterion), exclusion]))
  }

  private func definition(named name: PlainValue) throws(DiagnosticsError) -> SelectionSpec {
    guard let wanted = name.string, let spec = known[wanted] else {
      throw DiagnosticsError(
        .broken("selector '\(name.string ?? "")' is used but not defined above the place"))
    }
    return spec
  }

  /// As Python takes a value for true: selectors.yml may say `parents: 'yes'`.
  private func isTrue(_ value: PlainValue?) -> Bool {
    switch value {
    case nil, .null: false
    case .bool(let flag): flag
    case .int(let number): number != 0
    case .double(let number): number != 0
    case .string(let text): !text.isEmpty
    case .list(let items): !items.isEmpty
    case .mapping(let entries): !entries.isEmpty
    }
  }

  private func depth(_ value: PlainValue?) -> Int? {
    guard let depth = value?.int ?? value?.string.flatMap({ Int($0) }), depth != 0 else { return nil }
    return depth
  }
}

extension Diagnostic {
  fileprivate static func broken(_ reason: String) -> Diagnostic {
    Diagnostic(
      "broken-selectors", "selectors.yml: \(reason)",
      help: "a definition is a string, one 'union' or 'intersection' list, or 'method' and 'value'")
  }
}
