public import Diagnostics

/// What to select: criteria put together by set operations.
public indirect enum SelectionSpec: Sendable, Hashable {
  case criterion(SelectionCriterion)
  case group(Group)

  public struct Group: Sendable, Hashable {
    public enum Operation: Sendable, Hashable { case union, intersection, difference }

    public var operation: Operation
    public var parts: [SelectionSpec]
    public var indirect: IndirectSelection = .eager
    /// The criterion as a person typed it, when it is worth a warning that nothing matches it.
    public var expected: String?

    public init(
      _ operation: Operation, _ parts: [SelectionSpec], indirect: IndirectSelection = .eager,
      expected: String? = nil
    ) {
      self.operation = operation
      self.parts = parts
      self.indirect = indirect
      self.expected = expected
    }
  }

  /// What `--select` and `--exclude` say; without `--select`, everything.
  public init(
    select: [String]?, exclude: [String] = [], indirect: IndirectSelection = .eager,
    selectors: SelectorDefinitions = SelectorDefinitions()
  ) throws(DiagnosticsError) {
    let included =
      if let select, !select.isEmpty {
        try SelectionSpec.union(of: select, indirect: indirect, isExpected: true, selectors)
      } else {
        try SelectionSpec.union(
          of: ["fqn:*", "source:*", "exposure:*", "metric:*", "semantic_model:*"], indirect: indirect,
          isExpected: false, selectors)
      }
    let excluded = try SelectionSpec.union(of: exclude, indirect: indirect, isExpected: true, selectors)
    self = .group(Group(.difference, [included, excluded]))
  }

  /// Spaces unite, commas intersect.
  private static func union(
    of words: [String], indirect: IndirectSelection, isExpected: Bool, _ selectors: SelectorDefinitions
  ) throws(DiagnosticsError) -> SelectionSpec {
    var parts: [SelectionSpec] = []
    for word in words {
      for text in word.split(separator: " ", omittingEmptySubsequences: false) {
        var criteria: [SelectionSpec] = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
          var criterion = try SelectionCriterion(String(piece), indirect: indirect)
          if criterion.method == .selector {
            criterion.referenced = [try selectors.spec(named: criterion.value.string ?? "")]
          }
          criteria.append(.criterion(criterion))
        }
        parts.append(
          .group(
            Group(
              .intersection, criteria, indirect: indirect, expected: isExpected ? String(text) : nil)))
      }
    }
    return .group(Group(.union, parts, indirect: indirect))
  }
}
