/// The columns that the expressions of one SELECT can name.
///
/// Each column of each relation in FROM is an attribute with a number; numbers are the scope's own.
struct Scope {
  /// Tells it from the scopes of other queries.
  let id: Int

  init(id: Int) { self.id = id }

  struct Attribute {
    var name: String
    var type: SQLType?
    var isNullable: Bool?
    var origins: [ColumnReference: QueryShape.Use]
    /// Attributes for which a `row_number()` begins anew.
    var partition: Set<Int>?
    /// The column of a CTE that it is.
    var common: QueryAnalyzer.CommonColumn?
    /// See ``QueryShape/Column/isListed``.
    var isListed = false
  }

  /// A relation in FROM under the name that the query gives it.
  struct Source {
    var alias: String?
    var schema: String?
    /// Its columns, in order; those that were only named, and not listed, come last.
    var attributes: [Int]
    /// The relation's name when columns that are not listed may be there.
    var open: TableName?
    var isOpen: Bool
    /// Whether it is a relation of the database, which may have a primary key.
    let isTable: Bool
    /// What fields of a value are made of that nobody lists; nil for a relation.
    var fields: [ColumnReference: QueryShape.Use]?
    /// How many of them are listed.
    let listed: Int
    /// Sets of its attributes of which no two of its own rows have the same values.
    var keys: [Set<Int>]

    init(
      alias: String?, schema: String?, attributes: [Int], open: TableName?, isOpen: Bool,
      isTable: Bool = false, keys: [Set<Int>] = []
    ) {
      self.alias = alias
      self.schema = schema
      self.attributes = attributes
      self.open = open
      self.isOpen = isOpen
      self.isTable = isTable
      self.keys = keys
      listed = attributes.count
    }
  }

  enum Resolution {
    case attribute(Int)
    /// Nothing is known, and that is no mistake.
    case unknown
    case missing(candidates: [String])
    case ambiguous([String])
    case noSuchAlias(candidates: [String])
  }

  var attributes: [Attribute] = []
  var sources: [Source] = []
  /// What `*` gives and a name without an alias finds: columns that a join merged stand once.
  var visible: [Int] = []

  mutating func add(_ attribute: Attribute) -> Int {
    attributes.append(attribute)
    return attributes.count - 1
  }

  /// The attribute that a name means.
  mutating func resolve(_ name: String, of qualifier: [String]) -> Resolution {
    guard let alias = qualifier.last else { return resolveUnqualified(name) }
    guard
      let index = sources.firstIndex(where: {
        $0.alias == alias
          && (qualifier.count == 1 || $0.schema == nil || $0.schema == qualifier[qualifier.count - 2])
      })
    else { return .noSuchAlias(candidates: sources.compactMap(\.alias)) }
    if let found = sources[index].attributes.first(where: { attributes[$0].name == name }) {
      return .attribute(found)
    }
    if sources[index].isOpen { return column(name, ofOpen: index) }
    if Self.systemColumns.contains(name) { return .unknown }
    return .missing(candidates: sources[index].attributes.map { attributes[$0].name })
  }

  private mutating func resolveUnqualified(_ name: String) -> Resolution {
    let found = visible.filter { attributes[$0].name == name }
    if found.count == 1 { return .attribute(found[0]) }
    if found.count > 1 {
      return .ambiguous(
        sources.filter { $0.attributes.contains(where: { found.contains($0) }) }.compactMap(\.alias))
    }
    let open = sources.indices.filter { sources[$0].isOpen }
    if open.count == 1 { return column(name, ofOpen: open[0]) }
    if !open.isEmpty || Self.systemColumns.contains(name) { return .unknown }
    return .missing(candidates: visible.map { attributes[$0].name })
  }

  /// A column that nobody has listed, of a relation that may have it.
  private mutating func column(_ name: String, ofOpen index: Int) -> Resolution {
    if let known = sources[index].attributes.first(where: { attributes[$0].name == name }) {
      return .attribute(known)
    }
    if let fields = sources[index].fields {
      let id = add(Attribute(name: name, type: nil, isNullable: nil, origins: fields))
      sources[index].attributes.append(id)
      return .attribute(id)
    }
    guard let table = sources[index].open else { return .unknown }
    let id = add(
      Attribute(
        name: name, type: nil, isNullable: nil,
        origins: [ColumnReference(table: table, column: name): .copied]))
    sources[index].attributes.append(id)
    return .attribute(id)
  }

  /// Columns that every table has and no `*` shows (PostgreSQL manual, 5.5).
  private static let systemColumns: Set<String> = ["ctid", "tableoid", "xmin", "xmax", "cmin", "cmax"]
}
