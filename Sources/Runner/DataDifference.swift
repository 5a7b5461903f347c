import Diagnostics
public import ProjectModel
public import Warehouse

/// What is different between the rows of two builds of a model, found inside of the database.
///
/// Rows are matched by a key. Without one, or with one that is not unique, whole rows are counted: which of two similar rows
/// became which is not known then.
public struct DataDifference: Sendable {
  public typealias Count = DimensionDifference.Count

  public struct RetypedColumn: Sendable, Hashable {
    public var name: String
    public var here: String
    public var there: String
  }

  /// The columns that rows are matched by; empty: whole rows are.
  public private(set) var key: [String]
  /// Why the key that was asked for is not used.
  public private(set) var keyProblem: String?
  public private(set) var rowsHere = 0
  public private(set) var rowsThere = 0
  /// Rows of keys that the other side does not have; samples are keys.
  public private(set) var onlyHere = Count(name: "", count: 0, samples: [])
  public private(set) var onlyThere = Count(name: "", count: 0, samples: [])
  /// Rows that have NULL in the key, and so have no other.
  public private(set) var withoutKeyHere = 0
  public private(set) var withoutKeyThere = 0
  /// Rows of both with another value in some column.
  public private(set) var changedRows = 0
  /// Those columns.
  public private(set) var columns: [Count] = []
  public private(set) var columnsOnlyHere: [String] = []
  public private(set) var columnsOnlyThere: [String] = []
  /// Columns of both with different types, which are compared as text.
  public private(set) var retyped: [RetypedColumn] = []

  public var isEmpty: Bool {
    onlyHere.count == 0 && onlyThere.count == 0 && changedRows == 0 && columnsOnlyHere.isEmpty
      && columnsOnlyThere.isEmpty && retyped.isEmpty && withoutKeyHere == withoutKeyThere
  }

  /// - Parameters:
  ///   - key: the columns of a key; empty for none.
  ///   - limit: how many samples there are of each difference.
  /// - Throws: `relation-not-found`, `unknown-column` for a key that one side does not have; `WarehouseError`.
  public init(
    here: RelationName, there: RelationName, key: [String], limit: Int, session: any Session
  ) throws {
    self.key = key
    let found = try session.columns(of: [here, there])
    let sides = try [here, there].map { (relation: RelationName) throws -> [ColumnDescription] in
      guard let columns = found[relation], !columns.isEmpty else {
        throw DiagnosticsError(
          Diagnostic(
            "relation-not-found", "there is no relation \(session.dialect.render(relation)) in the database",
            help: "build it, or say which build is meant with --state or --target"))
      }
      return columns
    }
    let comparison = try Comparison(here, there, sides[0], sides[1], key, session.dialect)
    columnsOnlyHere = comparison.onlyHere
    columnsOnlyThere = comparison.onlyThere
    retyped = comparison.retyped
    if !key.isEmpty, let problem = try comparison.problem(ofKeyOn: session) {
      keyProblem = problem
      self.key = []
    }
    if self.key.isEmpty {
      try readWhole(comparison, limit, session)
    } else {
      try readMatched(comparison, limit, session)
    }
  }

  private mutating func readMatched(_ comparison: Comparison, _ limit: Int, _ session: any Session)
    throws
  {
    let row = try session.run(comparison.counts).rows.first ?? []
    let numbers = row.map { $0.flatMap { Int($0) } ?? 0 }
    guard numbers.count == 7 + comparison.compared.count else { return }
    (rowsHere, rowsThere, withoutKeyHere, withoutKeyThere) = (
      numbers[0], numbers[1], numbers[2], numbers[3]
    )
    onlyHere.count = numbers[4]
    onlyThere.count = numbers[5]
    changedRows = numbers[6]
    if onlyHere.count > 0 {
      onlyHere.samples = try samples(comparison.keysOnly(here: true, limit), session)
    }
    if onlyThere.count > 0 {
      onlyThere.samples = try samples(comparison.keysOnly(here: false, limit), session)
    }
    for (column, count) in zip(comparison.compared, numbers.dropFirst(7)) where count > 0 {
      columns.append(
        Count(
          name: column, count: count,
          samples: try samples(comparison.changes(of: column, limit), session)))
    }
    columns.sort { ($1.count, $0.name) < ($0.count, $1.name) }
  }

  private mutating func readWhole(_ comparison: Comparison, _ limit: Int, _ session: any Session)
    throws
  {
    let row = try session.run(comparison.wholeCounts).rows.first ?? []
    let numbers = row.map { $0.flatMap { Int($0) } ?? 0 }
    guard numbers.count == 4 else { return }
    (rowsHere, rowsThere, onlyHere.count, onlyThere.count) = (
      numbers[0], numbers[1], numbers[2], numbers[3]
    )
    if onlyHere.count > 0 {
      onlyHere.samples = try samples(comparison.rowsOnly(here: true, limit), session)
    }
    if onlyThere.count > 0 {
      onlyThere.samples = try samples(comparison.rowsOnly(here: false, limit), session)
    }
  }

  private func samples(_ sql: String, _ session: any Session) throws -> [String] {
    try session.run(sql).rows.map { $0.map { $0 ?? "NULL" }.joined() }
  }

  // MARK: SQL

  /// The questions that tell two relations apart.
  struct Comparison {
    private let here: String
    private let there: String
    private let key: [String]
    /// Columns of both that are not of the key.
    let compared: [String]
    private let typesHere: [String: String]
    private let typesThere: [String: String]
    private let dialect: Dialect

    /// - Throws: `unknown-column` for a key that one side does not have.
    init(
      _ here: RelationName, _ there: RelationName, _ columnsHere: [ColumnDescription],
      _ columnsThere: [ColumnDescription], _ key: [String], _ dialect: Dialect
    ) throws(DiagnosticsError) {
      self.here = dialect.render(here)
      self.there = dialect.render(there)
      self.key = key
      self.dialect = dialect
      typesHere = Dictionary(columnsHere.map { ($0.name, $0.type) }) { first, _ in first }
      typesThere = Dictionary(columnsThere.map { ($0.name, $0.type) }) { first, _ in first }
      for name in key where typesHere[name] == nil || typesThere[name] == nil {
        let known = (typesHere[name] == nil ? columnsHere : columnsThere).map(\.name)
        let relation: RelationName = typesHere[name] == nil ? here : there
        throw DiagnosticsError(
          Diagnostic(
            "unknown-column",
            "'\(name)' of the key is no column of \(dialect.render(relation))",
            meant: NearMiss(name, among: known),
            help: "--key names the columns that tell rows apart"))
      }
      compared = columnsHere.map(\.name).filter { [typesThere] in
        typesThere[$0] != nil && !key.contains($0)
      }
    }

    var onlyHere: [String] { typesHere.keys.filter { typesThere[$0] == nil }.sorted() }
    var onlyThere: [String] { typesThere.keys.filter { typesHere[$0] == nil }.sorted() }
    var retyped: [RetypedColumn] {
      typesHere.keys.sorted().compactMap { name in
        guard let here = typesHere[name], let there = typesThere[name], here != there else {
          return nil
        }
        return RetypedColumn(name: name, here: here, there: there)
      }
    }

    /// Types that the server cannot compare, and such as differ, are compared as text.
    private func value(_ column: String, of alias: String) -> String {
      let name = "\(alias).\(dialect.quote(column))"
      let type = typesHere[column] ?? ""
      let isComparable = !["json", "xml", "point", "polygon", "super"].contains(type)
      return type == typesThere[column] && isComparable ? name : "\(name)::text"
    }

    private func differs(_ column: String) -> String {
      dialect.isDistinct(value(column, of: "h"), value(column, of: "t"))
    }

    private func hasKey(_ alias: String) -> String {
      key.map { "\(alias).\(dialect.quote($0)) is not null" }.joined(separator: " and ")
    }

    /// Each row with its other; a side without one has NULL in its mark.
    private var joined: String {
      """
      from (select h.*, 1 as whc_mark from \(here) h where \(hasKey("h"))) h
      full join (select t.*, 1 as whc_mark from \(there) t where \(hasKey("t"))) t
        on \(key.map { "\(value($0, of: "h")) = \(value($0, of: "t"))" }.joined(separator: " and "))
      """
    }

    private var isBoth: String { "h.whc_mark is not null and t.whc_mark is not null" }

    var counts: String {
      let any = compared.isEmpty ? "false" : compared.map(differs).joined(separator: " or ")
      let each = compared.map { ",\n  count(case when \(isBoth) and \(differs($0)) then 1 end)" }
        .joined()
      return """
        select (select count(*) from \(here)), (select count(*) from \(there)),
          (select count(*) from \(here) h where not (\(hasKey("h")))),
          (select count(*) from \(there) t where not (\(hasKey("t")))),
          count(case when t.whc_mark is null then 1 end), count(case when h.whc_mark is null then 1 end),
          count(case when \(isBoth) and (\(any)) then 1 end)\(each)
        \(joined)
        """
    }

    /// `order_id = 5, line = 2`
    private func keyText(_ alias: String) -> String {
      key.enumerated().map { index, name in
        "\(dialect.literal((index == 0 ? "" : ", ") + name + " = ")) || \(alias).\(dialect.quote(name))::text"
      }.joined(separator: " || ")
    }

    private func keyOrder(_ alias: String) -> String {
      (1...key.count).map { "\(alias).\(dialect.quote(key[$0 - 1]))" }.joined(separator: ", ")
    }

    func keysOnly(here: Bool, _ limit: Int) -> String {
      let (alias, other) = here ? ("h", "t") : ("t", "h")
      return """
        select \(keyText(alias)) \(joined)
        where \(other).whc_mark is null order by \(keyOrder(alias)) limit \(limit)
        """
    }

    /// Values as they were there and are here.
    func changes(of column: String, _ limit: Int) -> String {
      func shown(_ alias: String) -> String {
        "coalesce(\(alias).\(dialect.quote(column))::text, 'NULL')"
      }
      return """
        select \(keyText("h")) || ': ' || \(shown("t")) || ' → ' || \(shown("h")) \(joined)
        where \(isBoth) and \(differs(column)) order by \(keyOrder("h")) limit \(limit)
        """
    }

    /// What keeps rows from being matched: nil when the key tells all of them apart on both sides.
    func problem(ofKeyOn session: any Session) throws(WarehouseError) -> String? {
      let list = dialect.quoteList(key)
      func twice(_ relation: String, _ alias: String) -> String {
        """
        (select count(*) from (select 1 as one from \(relation) \(alias) where \(hasKey(alias)) \
        group by \(list) having count(*) > 1) d)
        """
      }
      let row = try session.run("select \(twice(here, "h")), \(twice(there, "t"))").rows.first ?? []
      let counts = row.map { $0.flatMap { Int($0) } ?? 0 }
      let sides = zip(counts, ["here", "there"]).filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
      return sides.isEmpty
        ? nil
        : "\(key.joined(separator: ", ")) is not unique: keys that stand several times: \(sides.joined(separator: ", "))"
    }

    // MARK: Whole rows

    private func row(_ alias: String) -> String {
      (key + compared).map { name in
        // What cannot be told apart as it is can be as text.
        "\(value(name, of: alias)) as \(dialect.quote(name))"
      }.joined(separator: ", ")
    }

    private func difference(here isHere: Bool) -> String {
      let (first, second) = isHere ? ((here, "h"), (there, "t")) : ((there, "t"), (here, "h"))
      return """
        select \(row(first.1)) from \(first.0) \(first.1)
        except all select \(row(second.1)) from \(second.0) \(second.1)
        """
    }

    var wholeCounts: String {
      """
      select (select count(*) from \(here)), (select count(*) from \(there)),
        (select count(*) from (\(difference(here: true))) d), (select count(*) from (\(difference(here: false))) d)
      """
    }

    func rowsOnly(here: Bool, _ limit: Int) -> String {
      let texts = (key + compared).enumerated().map { index, name in
        "\(dialect.literal((index == 0 ? "" : ", ") + name + " = ")) || coalesce(d.\(dialect.quote(name))::text, 'NULL')"
      }
      return """
        select \(texts.joined(separator: " || ")) from (\(difference(here: here))) d order by 1 limit \(limit)
        """
    }
  }
}
