/// The value of a name, attribute or element that is not there.
public final class Undefined {
  /// What may be done with an undefined value.
  public enum Behaviour: Sendable {
    /// Prints as nothing, loops as empty, is false; anything else is an error. Jinja's default.
    case standard
    /// As standard, and attributes and elements of it are undefined too.
    case chainable
    /// Every use is an error.
    case strict
    /// As standard, and attributes, elements and calls give undefined: dbt's when it parses.
    case propagating

    var typeName: String {
      switch self {
      case .standard, .propagating: "Undefined"
      case .chainable: "ChainableUndefined"
      case .strict: "StrictUndefined"
      }
    }
  }

  public let behaviour: Behaviour
  public private(set) var name: Value?
  let hint: String?
  let object: Value?
  let errorKind: TemplateError.Kind

  public init(
    _ behaviour: Behaviour, name: Value? = nil, of object: Value? = nil, hint: String? = nil,
    errorKind: TemplateError.Kind = .undefined
  ) {
    self.behaviour = behaviour
    self.name = name
    self.object = behaviour == .propagating ? nil : object
    self.hint = hint
    self.errorKind = errorKind
  }

  /// The sentence of the error that using the value gives.
  public var message: String {
    if let hint { return hint }
    guard let object else { return "\(name?.representationOrPlaceholder ?? "None") is undefined" }
    if let name, let text = name.stringValue {
      return "'\(object.typeDescription)' has no attribute \(Value.representation(of: text))"
    }
    return "\(object.typeDescription) has no element \(name?.representationOrPlaceholder ?? "None")"
  }

  public var error: TemplateError { TemplateError(errorKind, message) }

  /// The attribute of a propagating undefined value; it takes the attribute's name, as dbt's does.
  func propagated(_ attribute: String) -> Undefined {
    name = .string(attribute)
    return Undefined(.propagating, name: .string(attribute), hint: hint)
  }
}
