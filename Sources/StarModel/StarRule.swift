public import Diagnostics
public import ProjectModel

/// A rule of dimensional modelling: what it asks can be meant otherwise, so a project may weigh it by `star_rules`.
///
/// What can never be meant (a key that leads nowhere) is an error without a choice and no member of this list.
public enum StarRule: String, WeighedRule {
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

  public static let key = "star_rules"
  public static let takesOneWord = false

  var code: DiagnosticCode { DiagnosticCode(rawValue: rawValue) }
}

/// What `star_rules` says.
public typealias StarRuleSettings = RuleSettings<StarRule>

extension Node {
  /// A finding of a rule about this node, as heavy as the node's `star_rules` want it; nil where they turn it off.
  public func weighed(
    _ rule: StarRule, _ summary: String, meant: NearMiss? = nil, at span: SourceSpan?, label: String? = nil,
    secondary: [Diagnostic.Label] = [], help: String? = nil
  ) -> Diagnostic? {
    StarRuleSettings(self).weigh(
      Diagnostic(rule.code, summary, meant: meant, at: span, label: label, secondary: secondary, help: help))
  }
}
