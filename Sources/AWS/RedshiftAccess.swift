public import ProjectLoading

/// The calls that give a password for a Redshift database, as dbt-redshift and Amazon's driver choose them.
public struct RedshiftAccess: Sendable, Hashable {
  public enum Identity: Sendable, Hashable {
    /// `method: iam`: a user of the database, whom the AWS identity may speak for.
    case user(String)
    /// `method: iam_role`: the user that belongs to the AWS identity.
    case role
  }

  public var identity: Identity
  public var host: String
  public var database: String
  public var clusterID: String?
  public var workgroup: String?
  /// What the profile says; a host's name may tell, too.
  public var isServerless = false
  public var region: String?
  public var createsUser = false
  public var groups: [String] = []

  public init(_ identity: Identity, host: String, database: String) {
    self.identity = identity
    self.host = host
    self.database = database
  }

  /// A call of `redshift` by its parameters, or of `redshift-serverless`.
  enum Call: Hashable {
    case cluster(action: String, parameters: [HTTPRequest.Field])
    case workgroup(parameters: [String: String])
  }

  /// The call to make, and the one to make when it is refused.
  func calls() throws(AWSError) -> [Call] {
    let place = RedshiftHost(host)
    if isServerless || host.contains("serverless") || (clusterID == nil && workgroup != nil) {
      var parameters = ["dbName": database]
      if let name = workgroup ?? (place.kind == .workgroup ? place.name : nil) {
        parameters["workgroupName"] = name
      } else if place.kind == .other {
        parameters["customDomainName"] = host
      }
      return [.workgroup(parameters: parameters)]
    }
    guard let clusterID else {
      throw AWSError(
        "IAM needs the cluster's name",
        help: "'cluster_id' names a cluster, 'serverless_work_group' a workgroup")
    }
    // A host of another form may be a domain of the user's own, or lead through something else to the cluster.
    return (place.kind == .other ? [true, false] : [false]).map { isDomain in
      var parameters: [HTTPRequest.Field] =
        isDomain ? [.init("CustomDomainName", host)] : [.init("ClusterIdentifier", clusterID)]
      parameters.append(.init("DbName", database))
      switch identity {
      case .role:
        parameters.append(.init("DurationSeconds", "900"))
        return .cluster(action: "GetClusterCredentialsWithIAM", parameters: parameters)
      case .user(let user):
        parameters += [.init("DbUser", user), .init("AutoCreate", createsUser ? "true" : "false")]
        for (index, group) in groups.enumerated() {
          parameters.append(.init("DbGroups.DbGroup.\(index + 1)", group))
        }
        return .cluster(action: "GetClusterCredentials", parameters: parameters)
      }
    }
  }
}

/// Who a database lets in for a while.
public struct RedshiftPassword: Sendable, Hashable {
  /// As the service names the user: `IAM:loader`.
  public var user: String
  public var password: Secret
  /// Seconds since 1970.
  public var expiration: Double?
}

extension AWSClient {
  /// Asks for a password.
  public func password(
    for access: RedshiftAccess, with credentials: AWSCredentials
  ) throws(AWSError) -> RedshiftPassword {
    guard let region = access.region ?? RedshiftHost(access.host).region ?? configuration.region else {
      throw AWSError(
        "the region of \(access.host) is not known", help: "'region' in the profile, or AWS_REGION, says it")
    }
    let calls = try access.calls()
    for (index, call) in calls.enumerated() {
      do throws(AWSError) {
        return try carryOut(call, region: region, with: credentials)
      } catch {
        if index == calls.count - 1 { throw error }
      }
    }
    throw AWSError("no call gives a password for \(access.host)")
  }

  private func carryOut(
    _ call: RedshiftAccess.Call, region: String, with credentials: AWSCredentials
  ) throws(AWSError) -> RedshiftPassword {
    switch call {
    case .cluster(let action, let parameters):
      let answer = try self.call(action, of: .redshift, region: region, with: credentials, parameters)
      guard let user = answer["DbUser"], let password = answer["DbPassword"] else {
        throw AWSError("\(action) gave no password")
      }
      return RedshiftPassword(
        user: user, password: Secret(password),
        expiration: answer["Expiration"].flatMap(Timestamp.seconds))
    case .workgroup(let parameters):
      let answer = try self.call(
        "GetCredentials", ofJSON: .serverless, region: region, with: credentials, parameters,
        as: WorkgroupAnswer.self)
      return RedshiftPassword(
        user: answer.dbUser, password: Secret(answer.dbPassword), expiration: answer.expiration)
    }
  }

  private struct WorkgroupAnswer: Decodable {
    var dbUser: String
    var dbPassword: String
    /// Seconds since 1970, as JSON of AWS writes times.
    var expiration: Double?
  }
}
