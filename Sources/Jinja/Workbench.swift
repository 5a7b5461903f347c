/// Renders single templates with a context in JSON: what `whc render --json-lines` does with each line.
public struct Workbench: Sendable {
  public let environment: Environment

  public init(environment: Environment = .dbt) { self.environment = environment }

  /// The answer to one line.
  ///
  /// - Parameter line: a JSON object with `template`, and `context` or nothing.
  /// - Returns: a JSON object, `{"ok": text}` or `{"error": message, "line": number or null}`.
  public func render(line: [UInt8]) -> [UInt8] {
    do {
      guard case .dict(let request) = try JSONParser.parse(line) else {
        throw TemplateError(.value, "the line is not a JSON object")
      }
      guard let source = request["template"]?.stringValue else {
        throw TemplateError(.value, "'template' is missing or not a string")
      }
      var context: [String: Value] = [:]
      switch request["context"] {
      case nil, .some(.none): break
      case .dict(let given): for (key, value) in given.pairs { context[key.stringValue ?? ""] = value }
      default: throw TemplateError(.value, "'context' is not a JSON object")
      }
      return answer("{\"ok\": ", try render(source, context), "}")
    } catch {
      let known = error as? TemplateError ?? TemplateError(.host, "\(error)")
      let line = (known.statementLine ?? known.line).map { String($0) } ?? "null"
      return answer("{\"error\": ", known.message, ", \"line\": \(line)}")
    }
  }

  /// The text of a template with these variables.
  public func render(_ source: String, _ context: [String: Value]) throws(TemplateError) -> String {
    let template = try Template(parsing: source, name: "template", syntax: environment.syntax)
    return try Interpreter(environment: environment).render(template, context: context).text
  }

  private func answer(_ head: String, _ text: String, _ tail: String) -> [UInt8] {
    var output = head
    JSONText.quote(text, &output, ascii: false)
    return Array((output + tail).utf8)
  }
}

extension Environment {
  /// dbt's environment for SQL and macros: the sandbox, `do` and loop controls, dbt's block tags, and its
  /// filters, which mark nothing when text is rendered.
  public static let dbt: Environment = {
    var environment = Environment()
    environment.namesTemplatesInHints = false
    environment.syntax.extensions = TagExtension.dbt
    for name in ["as_text", "as_bool", "as_native", "as_number"] {
      environment.add(filter: name) { value, _, _ in value }
    }
    environment.add(filter: "is_list") { value, _, _ in
      if case .list = value { return .bool(true) }
      return .bool(false)
    }
    return environment
  }()

  /// dbt's environment for strings in YAML, for ``Interpreter/renderNative(_:context:)``.
  public static let dbtNative: Environment = {
    var environment = Environment.dbt
    let marks: [(String, MarkedText.Mark)] = [
      ("as_text", .text), ("as_bool", .bool), ("as_native", .native), ("as_number", .number),
    ]
    for (name, mark) in marks {
      environment.add(filter: name) { value, _, _ in .object(MarkedText(try value.text(), mark)) }
    }
    return environment
  }()

  /// dbt's environment while it parses: what is unknown stays unknown without an error.
  public static let dbtParsing: Environment = {
    var environment = Environment.dbt
    environment.undefined = .propagating
    return environment
  }()
}

extension TagExtension {
  /// dbt's block tags: each defines a macro whose name tells what it is.
  public static let dbt: [TagExtension] = [
    TagExtension(tag: "materialization", endTag: "endmaterialization", header: .options) {
      name, _, options throws(TemplateError) in
      var adapter = "default"
      var languages: Expression?
      for option in options {
        switch option.name {
        case "default": break
        case "adapter":
          guard let value = option.value?.stringLiteral else {
            throw TemplateError(.syntax, "the adapter of materialization '\(name)' is not a string")
          }
          adapter = value
        case "supported_languages": languages = option.value
        default:
          throw TemplateError(
            .syntax,
            "materialization '\(name)' received unknown argument '\(option.name)'.")
        }
      }
      let fallback = Expression(.list([Expression(.constant(.string("sql")), at: 0)]), at: 0)
      return Definition(
        name: "materialization_\(name)_\(adapter)",
        parameters: [.init(name: "supported_languages", defaultValue: languages ?? fallback)])
    },
    TagExtension(tag: "docs", endTag: "enddocs", header: .nameOnly) { name, _, _ throws(TemplateError) in
      Definition(name: "docs_\(name)")
    },
    TagExtension(tag: "test", endTag: "endtest", header: .signature) {
      name, parameters, _ throws(TemplateError) in
      Definition(name: "test_\(name)", parameters: parameters)
    },
    TagExtension(tag: "data_test", endTag: "enddata_test", header: .signature) {
      name, parameters, _ throws(TemplateError) in
      Definition(name: "test_\(name)", parameters: parameters)
    },
    TagExtension(tag: "snapshot", endTag: "endsnapshot", header: .nameOnly) {
      name, _, _ throws(TemplateError) in Definition(name: "snapshot_\(name)")
    },
  ]
}
