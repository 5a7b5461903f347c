import ProjectLoading

extension AWSClient {
  /// STS answers in every region; without one its first is asked.
  private var region: String { configuration.region ?? "us-east-1" }

  /// The credentials of a role that another identity takes on, by what its profile says of it.
  func assume(
    _ role: String, of profile: SharedConfiguration.Section, with base: AWSCredentials
  ) throws(AWSError) -> AWSCredentials {
    var parameters: [HTTPRequest.Field] = [
      .init("RoleArn", role),
      .init("RoleSessionName", profile["role_session_name"] ?? session),
    ]
    if let id = profile["external_id"] { parameters.append(.init("ExternalId", id)) }
    if let seconds = profile["duration_seconds"] { parameters.append(.init("DurationSeconds", seconds)) }
    return try credentials(
      of: call("AssumeRole", of: .sts, region: region, with: base, parameters), role)
  }

  /// The same with a token that an identity provider gave.
  func assume(_ role: String, webIdentity token: Secret, session name: String?) throws(AWSError)
    -> AWSCredentials
  {
    let parameters: [HTTPRequest.Field] = [
      .init("RoleArn", role), .init("RoleSessionName", name ?? session),
      .init("WebIdentityToken", token.reveal()),
    ]
    return try credentials(
      of: call("AssumeRoleWithWebIdentity", of: .sts, region: region, with: nil, parameters), role)
  }

  private var session: String { "whc-\(Int(surroundings.now()))" }

  private func credentials(of answer: XMLText, _ role: String) throws(AWSError) -> AWSCredentials {
    guard let id = answer["AccessKeyId"], let secret = answer["SecretAccessKey"] else {
      throw AWSError("STS gave no credentials for \(role)")
    }
    return AWSCredentials(
      accessKeyID: id, secretAccessKey: Secret(secret),
      sessionToken: answer["SessionToken"].map { Secret($0) },
      expiration: answer["Expiration"].flatMap(Timestamp.seconds))
  }
}
