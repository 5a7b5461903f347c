public import Diagnostics

/// A declaration as far as it could be read, and what is wrong with it.
public struct Decoded<Value: Sendable>: Sendable {
  /// nil when there is an error.
  public var value: Value?
  public var diagnostics: [Diagnostic]

  init(_ value: Value, _ diagnostics: [Diagnostic]) {
    self.value = diagnostics.contains { $0.severity == .error } ? nil : value
    self.diagnostics = diagnostics
  }
}
