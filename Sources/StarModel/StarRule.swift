public import Diagnostics
public import OrderedCollections
public import ProjectModel

/// A rule of dimensional modelling: what it asks can be meant otherwise, so a project may weigh it by `star_rules`.
///
/// What can never be meant (a key that leads nowhere) is an error without a choice and no member of this list.
public enum StarRule: String, Sendable, Hashable, CaseIterable {
  case unusedDimension = "unused-dimension"
  case bridgeWithoutWeights = "bridge-without-weights"
  case factlessWithMeasures = "factless-with-measures"
  case unknownOver = "unknown-over"
  case conformedAttributeDiffers = "conformed-attribute-differs"
  case conformedMeasureDiffers = "conformed-measure-differs"
  case keyTypeDiffers = "key-type-differs"
  case textMeasure = "text-measure"
  case textInFact = "text-in-fact"
  case historyRuleChanged = "history-rule-changed"
  case factToFactJoin = "fact-to-fact-join"
  case chasmTrap = "chasm-trap"
  case naturalKeyJoin = "natural-key-join"
  case nonAdditiveSum = "non-additive-sum"
  case semiAdditiveSum = "semi-additive-sum"

  public enum Weight: String, Sendable, Hashable, CaseIterable { case error, warn, off }

  /// What the rule weighs where nothing is said.
  static let defaultWeight = Weight.warn

  var code: DiagnosticCode { DiagnosticCode(rawValue: rawValue) }
}

/// What `star_rules` says in one node's config, that of its folders and its project among it.
public struct StarRuleSettings: Sendable {
  /// A rule that was weighed otherwise than by default, and why.
  public struct Choice: Sendable, Hashable {
    public var weight: StarRule.Weight
    public var reason: String?
  }

  public private(set) var choices: OrderedDictionary<StarRule, Choice> = [:]
  /// What is wrong with the settings.
  public private(set) var diagnostics: [Diagnostic] = []

  public init(_ node: Node) {
    var reader = ConfigReader(node)
    defer { diagnostics = reader.diagnostics }
    guard let value = reader.value("star_rules") else { return }
    guard let mapping = value.mapping else {
      reader.bad("star_rules", value, at: "star_rules", expected: "a mapping of rules to error, warn or off")
      return
    }
    reader.refuseUnknown(
      mapping, known: StarRule.allCases.map(\.rawValue), in: "star_rules of \(node.name)", at: "star_rules")
    for (name, value) in mapping {
      guard let rule = StarRule(rawValue: name) else { continue }
      let key = "star_rules.\(name)"
      let detail = value.mapping
      if let detail {
        reader.refuseUnknown(
          detail, known: ["severity", "reason"], in: "\(key) of \(node.name)", at: "star_rules")
        if let reason = detail["reason"], reason.string == nil {
          reader.bad("\(key).reason", reason, at: "star_rules", expected: "a text")
        }
      }
      let written = detail == nil ? value : detail?["severity"] ?? .string(StarRule.Weight.off.rawValue)
      let weight = reader.word(
        written, key: detail == nil ? key : key + ".severity", at: "star_rules", of: StarRule.Weight.self)
      if let weight { choices[rule] = Choice(weight: weight, reason: detail?["reason"]?.string) }
    }
  }

  public func weight(of rule: StarRule) -> StarRule.Weight { choices[rule]?.weight ?? StarRule.defaultWeight }

  /// The finding as heavy as the node wants it; nil where the rule is off. Findings of other codes stay as they are.
  public func weigh(_ finding: Diagnostic) -> Diagnostic? {
    guard let rule = StarRule(rawValue: finding.code.rawValue) else { return finding }
    var result = finding
    switch weight(of: rule) {
    case .off: return nil
    case .warn: result.severity = .warning
    case .error: result.severity = .error
    }
    return result
  }
}

extension Node {
  /// A finding of a rule about this node, as heavy as the node's `star_rules` want it; nil where they turn it off.
  public func weighed(
    _ rule: StarRule, _ summary: String, at span: SourceSpan?, label: String? = nil,
    secondary: [Diagnostic.Label] = [], help: String? = nil
  ) -> Diagnostic? {
    StarRuleSettings(self).weigh(
      Diagnostic(rule.code, summary, at: span, label: label, secondary: secondary, help: help))
  }
}
