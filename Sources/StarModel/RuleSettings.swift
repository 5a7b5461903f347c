public import Diagnostics
public import OrderedCollections
public import ProjectModel

/// How heavy a finding is.
public enum RuleWeight: String, Sendable, Hashable, CaseIterable { case error, warn, off }

/// A rule whose findings can be meant otherwise, so that a project may weigh them, all in all, by folder or by node.
///
/// The raw value is the code of its diagnostics.
public protocol WeighedRule: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
  /// The key of a node's config that weighs the rules.
  static var key: String { get }
  /// Whether one word under the key may weigh all of them.
  static var takesOneWord: Bool { get }
}

/// What a node's config says of rules, that of its folders and its project among it.
public struct RuleSettings<Rule: WeighedRule>: Sendable {
  /// A rule that was weighed otherwise than by default, and why.
  public struct Choice: Sendable, Hashable {
    public var weight: RuleWeight
    public var reason: String?
  }

  public private(set) var choices: OrderedDictionary<Rule, Choice> = [:]
  /// What is wrong with the settings.
  public private(set) var diagnostics: [Diagnostic] = []

  public init(_ node: Node) {
    var reader = ConfigReader(node)
    defer { diagnostics = reader.diagnostics }
    guard let value = reader.value(Rule.key) else { return }
    guard let mapping = value.mapping else {
      if Rule.takesOneWord, value.string != nil || value.bool != nil {
        let weight = reader.word(value, key: Rule.key, at: Rule.key, of: RuleWeight.self)
        if let weight { for rule in Rule.allCases { choices[rule] = Choice(weight: weight) } }
      } else {
        reader.bad(Rule.key, value, at: Rule.key, expected: "a mapping of rules to error, warn or off")
      }
      return
    }
    reader.refuseUnknown(
      mapping, known: Rule.allCases.map(\.rawValue), in: "\(Rule.key) of \(node.name)", at: Rule.key)
    for (name, value) in mapping {
      guard let rule = Rule(rawValue: name) else { continue }
      let key = "\(Rule.key).\(name)"
      let detail = value.mapping
      if let detail {
        reader.refuseUnknown(
          detail, known: ["severity", "reason"], in: "\(key) of \(node.name)", at: Rule.key)
        if let reason = detail["reason"], reason.string == nil {
          reader.bad("\(key).reason", reason, at: Rule.key, expected: "a text")
        }
      }
      let written = detail == nil ? value : detail?["severity"] ?? .string(RuleWeight.off.rawValue)
      let weight = reader.word(
        written, key: detail == nil ? key : key + ".severity", at: Rule.key, of: RuleWeight.self)
      if let weight { choices[rule] = Choice(weight: weight, reason: detail?["reason"]?.string) }
    }
  }

  public func weight(of rule: Rule) -> RuleWeight { choices[rule]?.weight ?? .warn }

  /// The finding as heavy as the node wants it; nil where the rule is off. Findings of other codes stay as they are.
  public func weigh(_ finding: Diagnostic) -> Diagnostic? {
    guard let rule = Rule(rawValue: finding.code.rawValue) else { return finding }
    var result = finding
    switch weight(of: rule) {
    case .off: return nil
    case .warn: result.severity = .warning
    case .error: result.severity = .error
    }
    return result
  }
}
