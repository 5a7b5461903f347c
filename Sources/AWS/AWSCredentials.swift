public import ProjectLoading

/// What signs a request: an access key and its secret, with a token and an end when they are good for a while only.
public struct AWSCredentials: Sendable, Hashable {
  public var accessKeyID: String
  public var secretAccessKey: Secret
  public var sessionToken: Secret?
  /// Seconds since 1970; nil for keys without end.
  public var expiration: Double?

  public init(
    accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret? = nil, expiration: Double? = nil
  ) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
    self.expiration = expiration
  }

  /// Whether they are good for some minutes more.
  public func isFresh(at now: Double) -> Bool { expiration.map { $0 - now > 300 } ?? true }

  /// A text of somebody else's without the secrets, should it hold them.
  func redacting(_ text: String) -> String {
    [secretAccessKey, sessionToken].compactMap { $0?.reveal() }.filter { !$0.isEmpty }
      .reduce(text) { $0.replacing($1, with: "********") }
  }
}
