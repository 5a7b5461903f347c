import Diagnostics
import ProjectModel
import Warehouse

/// Views that read a relation, carried through a change of it.
///
/// A view whose columns are still there lives on; one that no longer fits is dropped with a warning that names it.
struct Dependents {
  let dialect: Dialect
  /// Each after those it reads.
  let views: [ViewRecipe]

  /// Two plans that carry the same view take turns; without this, each could hold the table that the other's
  /// view wants.
  var lock: [Plan.Statement] {
    views.sorted { dialect.render($0.name) < dialect.render($1.name) }.map {
      Plan.Statement(.lock, AdvisoryLock.statement("view", $0.name, dialect: dialect))
    }
  }

  /// After the swap: `create or replace` keeps the view itself, so its grants, its comment and the views
  /// above it stay; only when its columns changed is it made anew, and what stands on it with it.
  var pointAtReplacement: [Plan.Statement] {
    var anew: Set<RelationName> = []
    var statements: [Plan.Statement] = []
    for view in views where view.isDirect && !anew.contains(view.name) {
      let above = self.above(view)
      if view.isMaterialized {
        statements.append(block(drop(view, cascade: true), [view] + above))
        anew.formUnion(above.map(\.name))
        continue
      }
      let again = ([view] + above).map { guarded($0, indent: 2) }.joined(separator: "\n")
      statements.append(
        Plan.Statement(
          .swap,
          "do "
            + SQLText.dollarQuoted(
              """

              begin
                \(replace(view));
              exception
              when insufficient_privilege or deadlock_detected then
                raise;
              when others then
                \(drop(view, cascade: true));
              \(again)
              end
              """ + "\n")))
    }
    return statements
  }

  /// Before columns change in place.
  var detach: [Plan.Statement] {
    views.reversed().map { Plan.Statement(.prepare, drop($0, cascade: false)) }
  }

  /// After columns changed in place.
  var attach: [Plan.Statement] {
    views.map { view in
      Plan.Statement(
        .change,
        "do " + SQLText.dollarQuoted("\nbegin\n\(guarded(view, indent: 2))\nend\n"))
    }
  }

  private func block(_ first: String, _ again: [ViewRecipe]) -> Plan.Statement {
    let body = again.map { guarded($0, indent: 2) }.joined(separator: "\n")
    return Plan.Statement(.swap, "do " + SQLText.dollarQuoted("\nbegin\n  \(first);\n\(body)\nend\n"))
  }

  private func above(_ view: ViewRecipe) -> [ViewRecipe] {
    var names: Set<RelationName> = [view.name]
    var result: [ViewRecipe] = []
    for other in views where other.reads.contains(where: names.contains) && other.name != view.name {
      names.insert(other.name)
      result.append(other)
    }
    return result
  }

  private func replace(_ view: ViewRecipe) -> String {
    let options = view.options.isEmpty ? "" : " with (\(view.options.joined(separator: ", ")))"
    return "create or replace view \(dialect.render(view.name))\(options) as\n\(view.definition)"
  }

  private func drop(_ view: ViewRecipe, cascade: Bool) -> String {
    let word = view.isMaterialized ? "materialized view" : "view"
    return
      "drop \(word)\(cascade ? " if exists" : "") \(dialect.render(view.name))\(cascade ? " cascade" : "")"
  }

  /// The view made again with all that belonged to it, or a warning.
  private func guarded(_ view: ViewRecipe, indent: Int) -> String {
    let space = String(repeating: " ", count: indent)
    let name = dialect.literal(dialect.render(view.name))
    let statements = view.statements(dialect)
    let restore = statements.dropFirst()
    var lines = ["begin", "  \(statements[0]);"]
    if !restore.isEmpty {
      lines += ["  begin"] + restore.map { "    \($0);" }
      lines += [
        "  exception when others then",
        "    raise warning 'view % lost a grant, comment or index: %', \(name), sqlerrm;", "  end;",
      ]
    }
    lines += [
      "exception", "when insufficient_privilege or deadlock_detected then", "  raise;", "when others then",
      "  raise warning 'view % was dropped: it no longer fits: %', \(name), sqlerrm;", "end;",
    ]
    // The view's own text is not indented: a string in it may reach over lines.
    return lines.map { space + $0 }.joined(separator: "\n")
  }
}
