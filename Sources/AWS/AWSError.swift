/// Why something of AWS could not be had: credentials that are not there, or a request that was refused.
///
/// No secret stands in it.
public struct AWSError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The service's own word: `SignatureDoesNotMatch`; nil when no service spoke.
  public var code: String?
  public var message: String
  public var help: String?

  public init(_ message: String, code: String? = nil, help: String? = nil) {
    self.message = message
    self.code = code
    self.help = help
  }

  public var description: String { message }
}
