import Jinja
import ProjectModel

extension MacroLibrary {
  /// The template of a materialization, by dbt's order: one for the adapter before a default one, and then the root
  /// project's before a package's before the built-in one.
  ///
  /// - Parameter packagesMayOverride: false when a package may not take the place of a built-in one by itself.
  /// - Throws: when two packages have it and neither is nearer.
  func materialization(_ name: String, packagesMayOverride: Bool) throws(HostFailure) -> LibraryMacro? {
    let candidates = dispatchPrefixes.map { prefix in
      let full = "materialization_\(name)_\(prefix)"
      return all.filter { $0.name == full }
    }
    let isBuiltIn = candidates.joined().contains { $0.isBuiltIn }
    for found in candidates {
      if let root = found.first(where: { $0.packageName == rootPackage && !$0.isBuiltIn }) { return root }
      let imported = found.filter { !$0.isBuiltIn }
      if imported.count > 1 {
        throw HostFailure(
          "duplicate-name",
          "materialization '\(name)' is in more than one package: "
            + imported.map(\.packageName).joined(separator: ", "),
          help: "define it in the project and call the one that is meant")
      }
      if let one = imported.first, packagesMayOverride || !isBuiltIn { return one }
      if let own = found.first(where: \.isBuiltIn) { return own }
    }
    return nil
  }

  /// The materialization of a package that takes the place of the built-in one, where packages may.
  func packageOverride(of name: String) -> LibraryMacro? {
    let builtIn = dispatchPrefixes.contains { prefix in
      all.contains { $0.isBuiltIn && $0.name == "materialization_\(name)_\(prefix)" }
    }
    guard builtIn, let found = try? materialization(name, packagesMayOverride: true) else { return nil }
    return found.isBuiltIn || found.packageName == rootPackage ? nil : found
  }

  /// The first macro among those that a built-in macro runs, itself or through others, which a project or a package has
  /// given another meaning, as names are looked up in a node's package.
  func override(below macro: LibraryMacro, from package: String) -> LibraryMacro? {
    var seen: Set<NodeID> = []
    return override(below: macro, from: package, seen: &seen)
  }

  private func override(
    below macro: LibraryMacro, from package: String, seen: inout Set<NodeID>
  ) -> LibraryMacro? {
    guard macro.isBuiltIn else { return macro }
    guard seen.insert(macro.id).inserted, let calls = try? macro.parsed().calls else { return nil }
    var found: [LibraryMacro] = []
    for name in calls.names {
      let parts = name.split(separator: ".", maxSplits: 1)
      if parts.count == 2 {
        if let macro = self.macro(String(parts[1]), in: String(parts[0])) { found.append(macro) }
      } else if case .macro(let macro)? = find(name, from: package) {
        found.append(macro)
      }
    }
    for call in calls.dispatches {
      if let macro = dispatch(call.name, namespace: call.namespace, from: package) { found.append(macro) }
    }
    for method in calls.adapterMethods {
      if let macro = adapterMacro(method) { found.append(macro) }
    }
    for macro in found {
      if let override = override(below: macro, from: package, seen: &seen) { return override }
    }
    return nil
  }
}
