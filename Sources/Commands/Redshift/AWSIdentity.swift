import AWS
import ProjectLoading
import Synchronization

/// Who one is to AWS, by a target's keys: `access_key_id` and its kin, else the profile `iam_profile`, else AWS's own chain.
final class AWSIdentity: Sendable {
  private let target: RedshiftTarget
  private let surroundings: Surroundings
  private let state = Mutex<AWSCredentials?>(nil)

  init(_ target: RedshiftTarget, _ surroundings: Surroundings) {
    self.target = target
    self.surroundings = surroundings
  }

  func client() throws(AWSError) -> AWSClient {
    // Keys in the profile of the project are for `iam`; dbt's `iam_role` has the chain alone.
    let profile = keys == nil ? target.awsProfile : nil
    return AWSClient(surroundings, try SharedConfiguration(surroundings, profile: profile))
  }

  /// Those in hand while they are good for some minutes more, else others.
  func credentials() throws(AWSError) -> AWSCredentials {
    if let keys { return keys }
    if let held = state.withLock({ $0 }), held.isFresh(at: surroundings.now()) { return held }
    let found = try CredentialChain(client()).find()
    state.withLock { $0 = found }
    return found
  }

  private var keys: AWSCredentials? {
    guard target.method != .iamRole, let id = target.accessKeyID, let secret = target.secretAccessKey
    else { return nil }
    return AWSCredentials(
      accessKeyID: id, secretAccessKey: secret, sessionToken: target.sessionToken)
  }
}
