/// What is known of an expression's values.
struct Expression {
  var type: SQLType?
  var isNullable: Bool?
  var origins: [ColumnReference: QueryShape.Use] = [:]
  /// The column that it is, and nothing else.
  var attribute: Int?
  /// Whether it is a text in quotes or NULL, which takes the type that its place wants.
  var isUntyped = false
  /// Whether an aggregate stands in it.
  var isAggregate = false
  /// Whether a function in it gives several rows.
  var givesRows = false
  /// Of a `row_number()`: the attributes that it begins anew for.
  var partition: Set<Int>?

  static let unknown = Expression()

  static func literal(_ type: SQLType?) -> Expression { Expression(type: type, isNullable: false) }

  /// An expression made of others: it is as strong as `use` at least.
  static func made(
    of parts: [Expression], _ use: QueryShape.Use = .transformed, type: SQLType? = nil,
    isNullable: Bool? = nil
  ) -> Expression {
    var result = Expression(type: type, isNullable: isNullable)
    for part in parts {
      result.origins.merge(part.origins.mapValues { max($0, use) }, uniquingKeysWith: max)
      result.isAggregate = result.isAggregate || part.isAggregate
      result.givesRows = result.givesRows || part.givesRows
    }
    return result
  }

  /// NULL when one of them is: what strict functions and operators give.
  static func strict(_ parts: [Expression]) -> Bool? {
    parts.reduce(false) { either($0, $1.isNullable) }
  }
}
