import Jinja
import ProjectModel

extension MacroLibrary {
  /// The macros that a macro's text calls: dbt's `depends_on.macros`.
  func dependencies(of macro: LibraryMacro) -> [NodeID] {
    guard let calls = try? macro.parsed().calls else { return [] }
    var ids: [NodeID] = []
    func add(_ found: LibraryMacro?) {
      if let found, found.id != macro.id, !ids.contains(found.id) { ids.append(found.id) }
    }
    for name in calls.names {
      let parts = name.split(separator: ".", maxSplits: 1)
      if parts.count == 2 {
        add(self.macro(String(parts[1]), in: String(parts[0])))
      } else {
        add(resolve(name, from: macro.packageName))
      }
    }
    for call in calls.dispatches {
      add(dispatch(call.name, namespace: call.namespace, from: macro.packageName))
    }
    return ids
  }

  /// Whether rendering a template with these calls may send a query, itself or through the macros it calls.
  func introspects(_ calls: MacroCalls, from package: String) -> Bool {
    var seen: Set<NodeID> = []
    return introspects(calls, from: package, seen: &seen)
  }

  /// The same for one macro.
  func introspects(callOf macro: LibraryMacro, from package: String) -> Bool {
    var seen: Set<NodeID> = []
    return introspects(macro, from: package, seen: &seen)
  }

  private func introspects(_ calls: MacroCalls, from package: String, seen: inout Set<NodeID>) -> Bool {
    if !calls.adapterMethods.isDisjoint(with: Self.methodsThatAsk) { return true }
    for name in calls.names where !Self.namesThatDoNotAsk.contains(name) {
      let parts = name.split(separator: ".", maxSplits: 1)
      let found: LibraryMacro?
      if parts.count == 2 {
        found = macro(String(parts[1]), in: String(parts[0]))
      } else if case .macro(let macro)? = find(name, from: package) {
        found = macro
      } else {
        found = nil
      }
      if let found, introspects(found, from: package, seen: &seen) { return true }
    }
    for call in calls.dispatches {
      if let found = dispatch(call.name, namespace: call.namespace, from: package),
        introspects(found, from: package, seen: &seen)
      {
        return true
      }
    }
    return false
  }

  private func introspects(_ macro: LibraryMacro, from package: String, seen: inout Set<NodeID>) -> Bool {
    if macro.isBuiltIn && Self.builtInsThatAsk.contains(macro.name) { return true }
    guard seen.insert(macro.id).inserted, let calls = try? macro.parsed().calls else { return false }
    return introspects(calls, from: package, seen: &seen)
  }

  /// Methods of `adapter` that need the database or its catalogue.
  static let methodsThatAsk: Set<String> = [
    "execute", "get_relation", "load_relation", "get_columns_in_relation", "get_columns_in_table",
    "get_missing_columns", "expand_target_column_types", "create_schema", "drop_schema", "drop_relation",
    "rename_relation", "truncate_relation", "list_relations", "list_relations_without_caching",
    "list_schemas",
    "check_schema_exists", "already_exists", "get_column_schema_from_query", "valid_snapshot_target",
    "alter_column_type", "commit", "run_sql_for_tests",
  ]

  private static let builtInsThatAsk: Set<String> = ["statement", "run_query"]

  /// `is_incremental` reads the cache of relations, which is there before the first connection is needed.
  private static let namesThatDoNotAsk: Set<String> = ["is_incremental", "should_full_refresh"]
}
