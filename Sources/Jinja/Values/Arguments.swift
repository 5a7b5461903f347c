/// The values of a call.
public struct Arguments {
  public var positional: [Value]
  public var named: [(name: String, value: Value)]

  public init(_ positional: [Value] = [], named: [(name: String, value: Value)] = []) {
    self.positional = positional
    self.named = named
  }

  public var isEmpty: Bool { positional.isEmpty && named.isEmpty }
  public var count: Int { positional.count + named.count }

  /// The value given by name, or nil.
  public func named(_ name: String) -> Value? {
    named.first { $0.name == name }?.value
  }

  /// The value at a position or, failing that, by name; nil when it was not given.
  public func value(_ position: Int, _ name: String) -> Value? {
    position < positional.count ? positional[position] : named(name)
  }

  /// The values in the order of `parameters`, nil for those not given; the first `required` must be.
  ///
  /// - Throws: a type error worded as Python's for a missing, surplus, repeated or unknown argument.
  public func bind(
    _ function: String, _ parameters: [String], required: Int = 0
  ) throws -> [Value?] {
    var bound = [Value?](repeating: nil, count: parameters.count)
    if positional.count > parameters.count {
      throw Arguments.tooMany(function, parameters.count, required, positional.count)
    }
    for (index, value) in positional.enumerated() { bound[index] = value }
    for (name, value) in named {
      guard let index = parameters.firstIndex(of: name) else {
        throw TemplateError(.type, "\(function)() got an unexpected keyword argument '\(name)'")
      }
      if bound[index] != nil {
        throw TemplateError(.type, "\(function)() got multiple values for argument '\(name)'")
      }
      bound[index] = value
    }
    let missing = (0..<required).filter { bound[$0] == nil }.map { "'\(parameters[$0])'" }
    if !missing.isEmpty {
      throw TemplateError(
        .type,
        "\(function)() missing \(missing.count) required positional argument"
          + "\(missing.count == 1 ? "" : "s"): \(Arguments.listed(missing))")
    }
    return bound
  }

  private static func tooMany(_ function: String, _ limit: Int, _ required: Int, _ given: Int)
    -> TemplateError
  {
    let takes =
      required == limit
      ? "\(limit) positional argument\(limit == 1 ? "" : "s")"
      : "from \(required) to \(limit) positional arguments"
    return TemplateError(
      .type, "\(function)() takes \(takes) but \(given) \(given == 1 ? "was" : "were") given")
  }

  private static func listed(_ names: [String]) -> String {
    switch names.count {
    case 1: return names[0]
    case 2: return "\(names[0]) and \(names[1])"
    default: return names.dropLast().joined(separator: ", ") + ", and " + (names.last ?? "")
    }
  }
}
