/// The type of values that share a column: in UNION, CASE, COALESCE, arrays and VALUES (PostgreSQL manual, 10.5).
enum CommonType {
  /// nil when it is not known.
  case type(SQLType?)
  /// Two that do not go together.
  case none(SQLType, SQLType)

  init(of expressions: [Expression]) {
    // A text in quotes takes the type of the others.
    let typed = expressions.filter { !$0.isUntyped }
    guard let first = typed.first else {
      self = .type(expressions.isEmpty ? nil : .text)
      return
    }
    if typed.allSatisfy({ $0.type == first.type }) {
      self = .type(typed.count == expressions.count ? first.type : first.type?.unmodified)
      return
    }
    let catalogue = ServerCatalogue.shared
    // A type of the user's may go together with anything.
    let types = typed.compactMap(\.type).filter(catalogue.knows)
    let letter = types.first.map { catalogue.category(of: $0).letter }
    if let other = types.first(where: { catalogue.category(of: $0).letter != letter }) {
      self = .none(types[0].unmodified, other.unmodified)
    } else if types.count < typed.count {
      self = .type(nil)
    } else {
      let chosen = Self.widest(types, catalogue)
      if let other = types.first(where: { !catalogue.converts($0, to: chosen) }) {
        self = .none(chosen, other.unmodified)
      } else {
        self = .type(chosen)
      }
    }
  }

  /// nil when it is not known, or there is none.
  var type: SQLType? {
    if case .type(let type) = self { type } else { nil }
  }

  /// The type that two values of known types become; nil when there is none.
  static func type(of one: SQLType, _ other: SQLType) -> SQLType? {
    CommonType(of: [Expression(type: one), Expression(type: other)]).type
  }

  /// The first type, unless it becomes a later one by itself, which does not become it.
  private static func widest(_ types: [SQLType], _ catalogue: ServerCatalogue) -> SQLType {
    types.dropFirst().map(\.unmodified).reduce(types[0].unmodified) { result, type in
      let isWider =
        !catalogue.category(of: result).isPreferred && catalogue.converts(result, to: type)
        && !catalogue.converts(type, to: result)
      return isWider ? type : result
    }
  }
}
