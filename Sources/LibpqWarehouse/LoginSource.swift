import Warehouse

/// A user and a password that are good for a while.
public struct Login: Sendable, Hashable {
  public var user: String
  public var password: Password

  public init(user: String, password: Password) {
    self.user = user
    self.password = password
  }
}

/// Who says as whom to come in, where that changes with time: passwords that a service gives for a quarter of an hour.
public protocol LoginSource: Sendable {
  /// The login for a connection that is made now.
  ///
  /// - Parameter refused: one that the server did not take; another is to be had.
  func login(insteadOf refused: Login?) async throws -> Login
}

extension WarehouseError {
  /// Whether the server knew who asks and did not let them in.
  var isRefusedLogin: Bool {
    if case .cannotConnect(_, _, _, let state?) = self { state.hasPrefix("28") } else { false }
  }
}
