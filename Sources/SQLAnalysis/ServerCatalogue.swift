/// What PostgreSQL has: its types, the casts between them, its operators and its functions.
///
/// `Catalogue/postgresql.txt` is what a server says of itself (`scripts/postgres-catalogue` writes it), `others.txt` is
/// what later versions, Redshift and much used extensions add. What stands in neither is not known, which is no error.
struct ServerCatalogue: Sendable {
  /// A function, or an operator with one argument or two.
  struct Routine: Sendable, Hashable {
    enum Kind: Sendable { case function, aggregate, window }

    var arguments: [SQLType]
    var result: SQLType
    var kind = Kind.function
    var givesRows = false
    /// Whether the last argument may stand several times.
    var isVariadic = false
    /// How many arguments at the end may be left out.
    var defaults = 0
  }

  /// Where a cast happens by itself (`pg_cast.castcontext`).
  enum CastContext: String, Sendable { case implicit = "i", assignment = "a", explicit = "e" }

  /// `pg_type.typcategory` and `typispreferred`.
  struct Category: Sendable, Hashable {
    var letter: Character
    var isPreferred = false

    static let array = Category(letter: "A")
    static let pseudo = Category(letter: "P")
    static let text: Character = "S"
  }

  static let shared = ServerCatalogue([EmbeddedCatalogue.postgresql_txt, EmbeddedCatalogue.others_txt])

  private(set) var functions: [String: [Routine]] = [:]
  private(set) var operators: [String: [Routine]] = [:]
  private var categories: [String: Category] = [:]
  private var casts: [String: [String: CastContext]] = [:]

  private init(_ texts: [StaticString]) {
    var types: [String: SQLType] = [:]
    func type(_ name: String) -> SQLType {
      if let known = types[name] { return known }
      let type = (SQLType(text: name) ?? SQLType(name)).unmodified
      types[name] = type
      return type
    }
    for text in texts {
      let lines = text.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }.utf8.split(separator: 0x0A)
      for line in lines {
        let fields = line.split(separator: 0x09, omittingEmptySubsequences: false).map { String($0) ?? "" }
        switch fields[0] {
        case "type":
          categories[fields[1]] = Category(letter: fields[2].first ?? "U", isPreferred: !fields[3].isEmpty)
        case "cast":
          casts[fields[1], default: [:]][fields[2]] = CastContext(rawValue: fields[3])
        case "operator":
          let arguments = fields[2...3].filter { !$0.isEmpty }.map(type)
          operators[fields[1], default: []].append(Routine(arguments: arguments, result: type(fields[4])))
        default:
          let rows = "setof "
          var routine = Routine(
            arguments: fields[2].split(separator: ",").map { type(String($0)) },
            result: type(fields[3].hasPrefix(rows) ? String(fields[3].dropFirst(rows.count)) : fields[3]))
          let words = fields[4].split(separator: " ")
          routine.givesRows = fields[3].hasPrefix(rows)
          routine.kind =
            words.contains("aggregate") ? .aggregate : words.contains("window") ? .window : .function
          routine.isVariadic = words.contains("variadic")
          if let index = words.firstIndex(of: "defaults") { routine.defaults = Int(words[index + 1]) ?? 0 }
          functions[fields[1], default: []].append(routine)
        }
      }
    }
  }

  // MARK: Types

  /// Whether it is one of PostgreSQL's own types, so that all that can be done with it is known.
  func knows(_ type: SQLType) -> Bool { categories[type.name] != nil }

  func category(of type: SQLType) -> Category {
    type.isArray ? .array : categories[type.name] ?? .pseudo
  }

  /// Whether a value of one type becomes one of another by itself (PostgreSQL manual, 10.1). Both are known types.
  func converts(_ source: SQLType, to target: SQLType) -> Bool {
    if source.name == target.name, source.isArray == target.isArray { return true }
    guard source.isArray == target.isArray else { return false }
    return casts[source.name]?[target.name] == .implicit
  }

  /// Whether `cast` takes a value of one type to another. A type that is not known may have casts of its own.
  func casts(_ source: SQLType, to target: SQLType) -> Bool {
    guard knows(source), knows(target) else { return true }
    if category(of: source).letter == Category.text || category(of: target).letter == Category.text {
      return true
    }
    guard source.isArray == target.isArray else { return false }
    return source.name == target.name || casts[source.name]?[target.name] != nil
      || source.isArray && [source, target].contains { category(of: $0.element).letter == Category.text }
  }

  // MARK: Functions

  func isAggregate(_ name: String) -> Bool { functions[name]?.contains { $0.kind == .aggregate } ?? false }

  func givesRows(_ name: String) -> Bool { functions[name]?.contains(where: \.givesRows) ?? false }

  /// Whether a function in FROM gives one column, named like the function or its alias. One that gives what it is
  /// given may give a row of a composite type.
  func givesSingleColumn(_ name: String) -> Bool {
    if name == "unnest" { return true }
    return functions[name]?.allSatisfy { !["record", "anyelement"].contains($0.result.name) } ?? false
  }
}
