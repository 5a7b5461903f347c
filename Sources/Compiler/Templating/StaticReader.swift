import Diagnostics
import Jinja
import OrderedCollections
import ProjectModel

/// Reads templates that hold nothing but literal calls without rendering them.
///
/// What it reads is what rendering with `execute` false would have noted; whatever it does not know for certain
/// it leaves to rendering, by giving nil.
struct StaticReader: Sendable {
  private let settings: TemplateSettings
  private let library: MacroLibrary
  private let package: String
  /// The names whose meaning is the context's own in this package.
  private let ownNames: Set<String>
  private let isIncremental: NodeID?

  init(library: MacroLibrary, settings: TemplateSettings, package: String) {
    self.settings = settings
    self.library = library
    self.package = package
    ownNames = Set(
      [
        "ref", "source", "config", "var", "env_var", "this", "target", "execute", "run_started_at",
        "invocation_id", "schema", "database",
      ]
      .filter { library.find($0, from: package) == nil })
    if case .macro(let macro)? = library.find("is_incremental", from: package), macro.isBuiltIn {
      isIncremental = macro.id
    } else {
      isIncremental = nil
    }
  }

  /// nil when the template must be rendered.
  func read(_ template: Template, _ source: TemplateSource) -> ParsedTemplate? {
    var reading = Reading(template: template, source: source, reader: self)
    guard reading.read(template.statements) else { return nil }
    if reading.isPlain {
      var seen: Set<[String]> = []
      reading.parsed.sources.removeAll { !seen.insert([$0.source, $0.table]).inserted }
    }
    return reading.parsed
  }

  private struct Reading {
    let template: Template
    let source: TemplateSource
    let reader: StaticReader
    var parsed = ParsedTemplate()
    var assigned: Set<String> = []
    /// Whether there is nothing but literal `ref`, `source` and `config`: dbt then notes each source once.
    var isPlain = true

    /// False when something cannot be told from the text.
    mutating func read(_ statements: [Statement]) -> Bool {
      for statement in statements {
        switch statement.kind {
        case .text: break
        case .output(let expression):
          guard read(expression) else { return false }
        case .do(let expression):
          isPlain = false
          guard read(expression) else { return false }
        case .set(.name(let name), let expression):
          isPlain = false
          guard read(expression) else { return false }
          assigned.insert(name)
        case .if(let statement):
          isPlain = false
          guard read(statement) else { return false }
        default: return false
        }
      }
      return true
    }

    /// `{% if is_incremental() %}`: its body is not taken while the project is parsed.
    private mutating func read(_ statement: IfStatement) -> Bool {
      guard let incremental = reader.isIncremental else { return false }
      for branch in statement.branches {
        guard case .call(let callee, let arguments) = branch.test.kind,
          case .name("is_incremental") = callee.kind,
          arguments.isEmpty, !assigned.contains("is_incremental")
        else { return false }
        note(incremental)
        // What stands in the body may still ask the database when it is taken.
        if !isHarmless(branch.body) { return false }
      }
      return read(statement.otherwise)
    }

    private func isHarmless(_ statements: [Statement]) -> Bool {
      var copy = self
      return copy.read(statements)
    }

    private mutating func note(_ macro: NodeID) {
      if !parsed.macros.contains(macro) { parsed.macros.append(macro) }
    }

    private mutating func read(_ expression: Expression) -> Bool {
      switch expression.kind {
      case .constant:
        isPlain = false
        return true
      case .name(let name):
        isPlain = false
        return assigned.contains(name) || (reader.ownNames.contains(name) && Self.values.contains(name))
      case .attribute(let owner, _):
        isPlain = false
        if case .name(let name) = owner.kind, !assigned.contains(name) {
          return reader.ownNames.contains(name) && ["this", "target"].contains(name)
        }
        return false
      case .call(let callee, let arguments):
        guard case .name(let name) = callee.kind, reader.ownNames.contains(name), !assigned.contains(name),
          arguments.spread == nil, arguments.namedSpread == nil
        else { return false }
        return readCall(name, arguments, at: expression)
      default: return false
      }
    }

    private static let values: Set<String> = [
      "this", "target", "run_started_at", "invocation_id", "schema", "database",
    ]

    private mutating func readCall(_ name: String, _ arguments: CallArguments, at expression: Expression)
      -> Bool
    {
      if name == "var" || name == "env_var" { isPlain = false }
      switch name {
      case "ref": return readRef(arguments)
      case "source":
        guard arguments.named.isEmpty, arguments.positional.count == 2,
          let owner = arguments.positional[0].stringLiteral, let table = arguments.positional[1].stringLiteral
        else { return false }
        parsed.sources.append(
          SourceCall(source: owner, table: table, span: span(of: arguments.positional[0])))
        return true
      case "config": return readConfig(arguments, at: expression)
      case "var": return readVariable(arguments)
      case "env_var":
        guard arguments.named.isEmpty, let name = arguments.positional.first?.stringLiteral,
          !name.hasPrefix(EnvironmentVariables.secretPrefix)
        else { return false }
        reader.settings.reads.note(environment: name)
        switch arguments.positional.count {
        case 1: return reader.settings.environment[name] != nil
        case 2: return arguments.positional[1].stringLiteral != nil
        default: return false
        }
      default: return false
      }
    }

    private mutating func readRef(_ arguments: CallArguments) -> Bool {
      let names = arguments.positional.map(\.stringLiteral)
      guard (1...2).contains(names.count), names.allSatisfy({ $0 != nil }), arguments.named.count <= 1 else {
        return false
      }
      var version: String?
      var isText = false
      if let given = arguments.named.first {
        guard given.name == "v" || given.name == "version", case .constant(let constant) = given.value.kind
        else {
          return false
        }
        switch constant {
        case .string(let text) where !text.isEmpty:
          version = text
          isText = true
        case .int(let number) where number != 0: version = String(number)
        default: return false
        }
      }
      guard let last = names.last, let name = last else { return false }
      var call = RefCall(
        package: names.count == 2 ? names[0] : nil, name: name, version: version,
        span: span(of: arguments.positional[names.count - 1]))
      call.isVersionText = isText
      parsed.refs.append(call)
      return true
    }

    private mutating func readConfig(_ arguments: CallArguments, at expression: Expression) -> Bool {
      var call = ParsedTemplate.ConfigCall(values: [:], span: nil)
      if arguments.positional.isEmpty, !arguments.named.isEmpty {
        for (name, value) in arguments.named {
          guard let plain = Self.plain(value) else { return false }
          call.values[name] = plain
        }
      } else if arguments.positional.count == 1, arguments.named.isEmpty,
        case .mapping(let values)? = Self.plain(arguments.positional[0])
      {
        call.values = values
      } else {
        return false
      }
      let location = template.location(of: expression.start)
      call.span = SourceSpan(
        file: source.file, line: location.line + source.firstLine - 1, column: location.column, length: 6)
      do {
        try parsed.add(call)
        return true
      } catch {
        return false
      }
    }

    private func readVariable(_ arguments: CallArguments) -> Bool {
      guard arguments.named.allSatisfy({ $0.name == "default" && Self.plain($0.value) != nil }),
        let name = arguments.positional.first?.stringLiteral, arguments.positional.count <= 2,
        arguments.positional.dropFirst().allSatisfy({ Self.plain($0) != nil })
      else { return false }
      if case .string(let text)? = reader.settings.variable(name, for: reader.package) {
        return !JinjaText.hasTags(text)
      }
      return true
    }

    /// The value of a literal, of lists and mappings of literals.
    private static func plain(_ expression: Expression) -> PlainValue? {
      switch expression.kind {
      case .constant(let constant):
        switch constant {
        case .none: return .null
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .double(let value): return .double(value)
        case .string(let value): return .string(value)
        case .bigInt: return nil
        }
      case .list(let items), .tuple(let items):
        let values = items.compactMap(plain)
        return values.count == items.count ? .list(values) : nil
      case .dict(let pairs):
        var entries: OrderedDictionary<String, PlainValue> = [:]
        for pair in pairs {
          guard let key = pair.key.stringLiteral, let value = plain(pair.value) else { return nil }
          entries[key] = value
        }
        return .mapping(entries)
      case .unary(.negative, let operand):
        switch plain(operand) {
        case .int(let value): return .int(-value)
        case .double(let value): return .double(-value)
        default: return nil
        }
      default: return nil
      }
    }

    private func span(of expression: Expression) -> SourceSpan {
      let location = template.location(of: expression.offset)
      return SourceSpan(
        file: source.file, line: location.line + source.firstLine - 1, column: location.column,
        length: (expression.stringLiteral?.utf8.count ?? 0) + 2)
    }
  }
}
