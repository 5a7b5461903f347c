import AWS
import Diagnostics
import Dispatch
import LibpqWarehouse
import ProjectLoading
import Synchronization

/// Passwords for Redshift that AWS gives to an identity, each used until shortly before it ends.
final class RedshiftLogins: LoginSource {
  private let access: RedshiftAccess
  private let identity: AWSIdentity
  private let state = Mutex<RedshiftPassword?>(nil)
  /// Where a request may block; one at a time, so that connections that open together share a password.
  private let queue = DispatchQueue(label: "whc.redshift.logins")

  /// nil for a target that has a password of its own.
  init?(_ target: Target, _ identity: AWSIdentity) {
    guard let own = target.redshift, own.method != .database else { return nil }
    var access = RedshiftAccess(
      own.method == .iamRole ? .role : .user(target.user ?? ""), host: target.host ?? "",
      database: target.database)
    access.clusterID = own.cluster
    access.workgroup = own.workgroup
    access.isServerless = own.isServerless
    access.region = own.region
    access.createsUser = own.createsUser
    access.groups = own.groups
    self.access = access
    self.identity = identity
  }

  func login(insteadOf refused: Login?) async throws -> Login {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { [self] in
        continuation.resume(with: Result { try current(insteadOf: refused) })
      }
    }
  }

  private func current(insteadOf refused: Login?) throws(DiagnosticsError) -> Login {
    // A password that ends within the minute might end before the server looks at it.
    if let held = state.withLock({ $0 }), held.expiration.map({ $0 - Clock.now() > 60 }) ?? true {
      let login = Login(held)
      if login != refused { return login }
    }
    do throws(AWSError) {
      let new = try identity.client().password(for: access, with: identity.credentials())
      state.withLock { $0 = new }
      return Login(new)
    } catch {
      throw DiagnosticsError(
        Diagnostic(
          "cannot-connect", "no password for \(access.host) could be had: \(error.message)",
          help: error.help))
    }
  }
}

extension Login {
  fileprivate init(_ password: RedshiftPassword) {
    self.init(user: password.user, password: Password(password.password.reveal()))
  }
}
