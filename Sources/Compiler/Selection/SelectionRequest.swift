public import Diagnostics
public import ProjectModel

/// The selection flags of a command line.
public struct SelectionRequest: Sendable {
  /// `--select`, and what `--models` gives.
  public var select: [String] = []
  public var exclude: [String] = []
  /// `--selector`
  public var selector: String?
  public var indirect: IndirectSelection = .eager
  /// `--resource-type`: kinds' names, `all` or `default`.
  public var resourceTypes: [String] = []
  public var excludedResourceTypes: [String] = []

  public init() {}

  /// What to select: the named selector, else the flags, else the default selector, else everything.
  public func spec(_ definitions: SelectorDefinitions) throws(DiagnosticsError) -> SelectionSpec {
    if let selector { return try definitions.spec(named: selector) }
    if select.isEmpty, exclude.isEmpty, let name = definitions.defaultName {
      return try definitions.spec(named: name)
    }
    return try SelectionSpec(select: select, exclude: exclude, indirect: indirect, selectors: definitions)
  }

  /// The kinds to keep.
  ///
  /// - Parameters:
  ///   - defaults: what the command works on when nothing is said.
  ///   - all: what `all` stands for.
  public func types(
    defaults: Set<ResourceType>, all: Set<ResourceType>
  ) throws(DiagnosticsError) -> Set<ResourceType> {
    var types: Set<ResourceType> = resourceTypes.isEmpty ? defaults : []
    for name in resourceTypes {
      switch name {
      case "all": types.formUnion(all)
      case "default": types.formUnion(defaults)
      default: types.insert(try type(name, all: all))
      }
    }
    for name in excludedResourceTypes { types.remove(try type(name, all: all)) }
    return types
  }

  private func type(_ name: String, all: Set<ResourceType>) throws(DiagnosticsError) -> ResourceType {
    guard let type = ResourceType(rawValue: name), all.contains(type) else {
      throw DiagnosticsError(
        Diagnostic(
          "unknown-resource-type", "'\(name)' is not a kind of resource that can be chosen here",
          help: "kinds are \(all.map(\.rawValue).sorted().joined(separator: ", ")), all, default"))
    }
    return type
  }
}

extension Set<ResourceType> {
  /// What `ls` lists when nothing is said.
  public static let listed: Set<ResourceType> = [
    .model, .snapshot, .seed, .test, .source, .exposure, .metric, .savedQuery, .semanticModel, .unitTest,
    .function,
  ]
  public static let listable: Set<ResourceType> = Set.listed.union([.analysis])
  /// What `build` makes.
  public static let buildable: Set<ResourceType> = [
    .model, .seed, .snapshot, .test, .unitTest, .savedQuery, .exposure, .function,
  ]
}
