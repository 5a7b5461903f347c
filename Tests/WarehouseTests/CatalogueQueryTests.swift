import ProjectModel
import Testing
import Warehouse

@Suite struct CatalogueQueryTests {
  private let relation = RelationName(database: "d", schema: "it's", identifier: "We\"ird")
  private let schema = SchemaName(database: "d", schema: "It's")

  private func statements(_ dialect: Dialect) -> [String] {
    [
      CatalogueQuery<[RelationState]>.relations(in: [schema], dialect).sql,
      CatalogueQuery<[RelationName: [ColumnDescription]]>.columns(of: [relation], dialect).sql,
      CatalogueQuery<[RelationName: [Grant]]>.grants(of: [relation], dialect).sql,
      CatalogueQuery<[CatalogueRelation]>.catalogue(of: [schema], dialect).sql,
    ]
  }

  @Test func `Names are literals, whatever is in them`() {
    for sql in statements(.postgres) {
      #expect(sql.contains("'it''s'"))
      #expect(!sql.contains("'it's'"))
    }
    #expect(statements(.postgres)[1].contains("'We\"ird'"))
    // Redshift holds every name in lower case.
    #expect(statements(.redshift)[1].contains("'we\"ird'"))
  }

  @Test(arguments: ["unnest", "ordinality", "lateral", "relpersistence", "aclexplode", "'p'"])
  func `Redshift is asked nothing that it does not know`(_ word: String) {
    for sql in statements(.redshift) { #expect(!sql.contains(word)) }
  }

  @Test func `Answers are keyed by the names asked for`() {
    let folded = RelationName(
      database: "d", schema: "s", identifier: "Orders",
      quoting: .init(database: true, schema: true, identifier: false))
    let query = CatalogueQuery<[RelationName: [ColumnDescription]]>.columns(
      of: [folded, relation], .postgres)
    let columns = query.read(
      QueryResult(
        columns: [],
        rows: [
          ["0", "id", "integer", "t"], ["0", "n", "text", "f"], ["1", nil, nil, nil], ["9", "x", "y", "t"],
        ],
        tag: "", rowsAffected: nil))
    #expect(columns.count == 2)
    #expect(columns[folded]?.map(\.name) == ["id", "n"])
    #expect(columns[folded]?.map(\.isNullable) == [false, true])
    #expect(columns[relation] == [])
  }

  @Test func `A recipe is the view's statements in order`() {
    var recipe = ViewRecipe(name: relation, definition: "select 1", restore: ["comment on view v is 'c'"])
    #expect(
      recipe.statements(.postgres) == [
        "create view \"it's\".\"We\"\"ird\" as\nselect 1", "comment on view v is 'c'",
      ])
    recipe.isMaterialized = true
    recipe.isPopulated = false
    recipe.options = ["fillfactor=70"]
    #expect(
      recipe.statements(.postgres)[0]
        == "create materialized view \"it's\".\"We\"\"ird\" with (fillfactor=70) as\nselect 1\nwith no data")
  }
}
