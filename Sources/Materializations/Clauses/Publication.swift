import Diagnostics
import ProjectModel
import Warehouse

/// Puts a relation that was built aside in the place of the old one, inside the transaction that built it.
///
/// Views and foreign keys that hang on the old relation are carried over: PostgreSQL binds them to the old one by
/// its number, not its name, so renaming alone would leave them behind, and `DROP … CASCADE` would take them.
/// A drop here never cascades: a dependent that nobody knew of stops the publication instead of dying.
struct Publication {
  let dialect: Dialect
  let target: RelationName
  let old: RelationState
  let dependents: [ViewRecipe]
  let keys: [ForeignKeyReference]

  init(_ input: PlanInput, replacing old: RelationState, at target: RelationName) {
    dialect = input.dialect
    self.target = target
    self.old = old
    dependents = input.dependents
    keys = input.dependentKeys
  }

  func statements(aside: RelationName, kind: RelationState.Kind) -> [Plan.Statement] {
    let moveIn = Plan.Statement(.swap, rename(aside, kind, to: target))
    guard dialect.kind == .postgres, !(dependents.isEmpty && keys.isEmpty) else {
      // Redshift's views know the columns of the old table and go with it, as in dbt-redshift.
      let cascade = dialect.kind == .redshift ? " cascade" : ""
      return [
        Plan.Statement(.drop, "drop \(old.kind.sqlWord) if exists \(dialect.render(target))\(cascade)"),
        moveIn,
      ]
    }
    let backup = AsideNames.name(of: target, AsideNames.backup, dialect: dialect)
    return Dependents(dialect: dialect, views: dependents).lock
      + [Plan.Statement(.swap, rename(target, old.kind, to: backup)), moveIn]
      + Dependents(dialect: dialect, views: dependents).pointAtReplacement
      + keys.map(move)
      + [Plan.Statement(.drop, "drop \(old.kind.sqlWord) \(dialect.render(backup))")]
  }

  private func rename(_ from: RelationName, _ kind: RelationState.Kind, to: RelationName) -> String {
    // A view is renamed by ALTER TABLE too, and on Redshift only so.
    let word = kind == .materializedView ? "materialized view" : kind == .view ? viewWord : "table"
    let name = to.quoting.identifier ? dialect.quote(to.identifier) : to.identifier
    return "alter \(word) \(dialect.render(from)) rename to \(name)"
  }

  private var viewWord: String { dialect.kind == .redshift ? "table" : "view" }

  /// The key is made again on the new table; rows that break it, or a table without the unique key it needs,
  /// leave it out with a warning.
  private func move(_ key: ForeignKeyReference) -> Plan.Statement {
    let table = dialect.render(key.table)
    let name = dialect.quote(key.constraint)
    return Plan.Statement(
      .swap,
      "do "
        + SQLText.dollarQuoted(
          """

          begin
            alter table \(table) drop constraint \(name);
            begin
              alter table \(table) add constraint \(name) \(key.definition);
            exception when others then
              raise warning 'foreign key % of % was dropped: it does not fit the new %: %',
                \(dialect.literal(key.constraint)), \(dialect.literal(key.table.identifier)),
                \(dialect.literal(target.identifier)), sqlerrm;
            end;
          end
          """ + "\n"))
  }
}
