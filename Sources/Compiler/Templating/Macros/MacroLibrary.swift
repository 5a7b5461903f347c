import ProjectModel

/// The macros of all packages and the rules by which a name finds one.
final class MacroLibrary: Sendable {
  /// What a name means where it is called.
  enum Binding {
    case macro(LibraryMacro)
    /// A package: its macros are attributes.
    case package(String)
  }

  let rootPackage: String
  /// All macros, the built-in ones first, each package in the order it was given.
  let all: [LibraryMacro]
  /// `postgres`, `redshift` and what they build on, the nearest first; then `default`.
  let dispatchPrefixes: [String]
  private let packages: [String: [String: LibraryMacro]]
  /// The built-in packages' macros, the nearest to the adapter winning.
  private let builtIns: [String: LibraryMacro]
  private let builtInPackages: [String: [String: LibraryMacro]]
  private let byID: [NodeID: LibraryMacro]
  private let dispatchOrders: [String: [String]]
  private let knownPackages: Set<String>

  init(settings: TemplateSettings, macros: [MacroDefinition], builtIns: [MacroDefinition]) {
    rootPackage = settings.projectName
    let adapters = settings.adapterType == "redshift" ? ["redshift", "postgres"] : [settings.adapterType]
    dispatchPrefixes = adapters + ["default"]
    let internalNames = adapters.map { "dbt_" + $0 } + ["dbt"]

    let own = builtIns.map { LibraryMacro($0, isBuiltIn: true) }
    let given = macros.map { LibraryMacro($0, isBuiltIn: internalNames.contains($0.packageName)) }
    all = own + given.filter { !$0.isBuiltIn }

    var packages: [String: [String: LibraryMacro]] = [:]
    var builtInPackages: [String: [String: LibraryMacro]] = [:]
    for macro in all {
      if macro.isBuiltIn {
        builtInPackages[macro.packageName, default: [:]][macro.name] = macro
      } else {
        packages[macro.packageName, default: [:]][macro.name] = macro
      }
    }
    self.packages = packages
    self.builtInPackages = builtInPackages
    self.builtIns = internalNames.reversed().reduce(into: [:]) { flat, name in
      flat.merge(builtInPackages[name] ?? [:]) { _, nearer in nearer }
    }
    byID = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    dispatchOrders = Dictionary(
      settings.dispatch.map { ($0.macroNamespace, $0.searchOrder) }, uniquingKeysWith: { first, _ in first })
    knownPackages = Set(settings.packages.map(\.name) + internalNames)
  }

  /// What `name` means in a template of a package: the package's own macros, then the root project's, then
  /// packages by name, then the built-in ones.
  func find(_ name: String, from package: String) -> Binding? {
    if let macro = packages[package]?[name] ?? packages[rootPackage]?[name] { return .macro(macro) }
    if packages[name] != nil { return .package(name) }
    if name == "dbt" { return .package(name) }
    return builtIns[name].map(Binding.macro)
  }

  /// The macro that `package.name` means; nil when the package or the macro is not there.
  func macro(_ name: String, in package: String) -> LibraryMacro? {
    package == "dbt" ? builtIns[name] : packages[package]?[name]
  }

  func macro(_ id: NodeID) -> LibraryMacro? { byID[id] }

  /// The macro for a call by `adapter.dispatch`; nil when there is none.
  func dispatch(_ name: String, namespace: String?, from package: String) -> LibraryMacro? {
    for (searched, name) in dispatchCandidates(name, namespace: namespace) {
      if let searched {
        if let macro = macro(name, in: searched) { return macro }
      } else if case .macro(let macro)? = find(name, from: package) {
        return macro
      }
    }
    return nil
  }

  /// What a dispatch without a package means in a test: a macro of the project, of any package, or a built-in one.
  func dispatchAnywhere(_ name: String) -> LibraryMacro? {
    for prefix in dispatchPrefixes {
      if let macro = resolve("\(prefix)__\(name)", from: rootPackage) { return macro }
    }
    return nil
  }

  /// The names that a dispatch tries, in order; without a package the name is looked up as a call would be.
  func dispatchCandidates(_ name: String, namespace: String?) -> [(package: String?, name: String)] {
    searchPackages(namespace).flatMap { package in dispatchPrefixes.map { (package, "\($0)__\(name)") } }
  }

  private func searchPackages(_ namespace: String?) -> [String?] {
    guard let namespace else { return [nil] }
    if let order = dispatchOrders[namespace] { return order }
    if knownPackages.contains(namespace) { return [rootPackage, namespace] }
    return [nil]
  }

  /// The macro that a generic test's or an adapter's request by name finds: the package's own, then the root
  /// project's, other packages' and the built-in ones.
  func resolve(_ name: String, from package: String) -> LibraryMacro? {
    if let macro = builtInPackages[package]?[name] ?? packages[package]?[name] { return macro }
    if let macro = packages[rootPackage]?[name] { return macro }
    // When packages clash, the one loaded last wins, as in dbt.
    for other in all.reversed() where !other.isBuiltIn && other.name == name { return other }
    return builtIns[name]
  }

  /// The macro that runs for work the adapter does by a macro (`create_schema`): the root project's over the
  /// built-in one.
  func adapterMacro(_ name: String) -> LibraryMacro? {
    packages[rootPackage]?[name] ?? builtIns[name]
  }

  /// Whether a built-in macro's meaning is nobody else's: neither it nor what it dispatches to is overridden.
  func isUntouched(_ name: String, dispatched: Bool = true, from package: String) -> Bool {
    guard case .macro(let macro)? = find(name, from: package), macro.isBuiltIn else { return false }
    guard dispatched else { return true }
    return dispatch(name, namespace: "dbt", from: package)?.isBuiltIn ?? false
  }

  /// Whether a call of this name runs, by itself or by dispatch, a macro that is not built in.
  func isOverridden(_ name: String, from package: String) -> Bool {
    if case .macro(let macro)? = find(name, from: package), !macro.isBuiltIn { return true }
    return dispatch(name, namespace: "dbt", from: package).map { !$0.isBuiltIn } ?? false
  }

  /// Names that could have been meant, for a near miss: everything visible from a package.
  func visibleNames(from package: String) -> [String] {
    var names = Set(builtIns.keys)
    for package in [package, rootPackage] { names.formUnion((packages[package] ?? [:]).keys) }
    return names.sorted()
  }

  func names(in package: String) -> [String] {
    (package == "dbt" ? builtIns : packages[package] ?? [:]).keys.sorted()
  }
}
