import Foundation
import ProjectLoading

/// Where credentials come from: the first place in AWS's own order that has some.
///
/// The environment (unless a profile is named for the connection), the profile's role, a web identity, the profile's keys,
/// its `credential_process`, the container's service, the machine's own metadata.
public struct CredentialChain: Sendable {
  let surroundings: Surroundings
  let configuration: SharedConfiguration
  private let client: AWSClient

  public init(_ client: AWSClient) {
    self.client = client
    surroundings = client.surroundings
    configuration = client.configuration
  }

  /// - Throws: when no place has credentials, and when one that should is broken.
  public func find() throws(AWSError) -> AWSCredentials {
    let isStated = configuration.isProfileStated
    if !isStated, let found = try fromEnvironment() { return found }
    if let found = try fromRole(of: configuration.profileName, []) { return found }
    if !isStated, let file = surroundings.variable("AWS_WEB_IDENTITY_TOKEN_FILE") {
      guard let role = surroundings.variable("AWS_ROLE_ARN") else {
        throw AWSError("AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not")
      }
      return try assume(
        role, webIdentity: file, session: surroundings.variable("AWS_ROLE_SESSION_NAME"))
    }
    if let found = try fromKeys(of: configuration.profileName) { return found }
    if let found = try fromMetadata() { return found }
    if configuration.profile.keys.contains(where: { $0.hasPrefix("sso_") }) {
      throw AWSError(
        "the AWS profile '\(configuration.profileName)' logs in by IAM Identity Center, which is not known here",
        help: "'credential_process = aws configure export-credentials --profile …' lets the AWS program do it"
      )
    }
    throw AWSError(
      "there are no AWS credentials",
      help: "looked for in the environment, the profile '\(configuration.profileName)', the container's and "
        + "the machine's metadata")
  }

  private func fromEnvironment() throws(AWSError) -> AWSCredentials? {
    guard let id = surroundings.variable("AWS_ACCESS_KEY_ID") else { return nil }
    guard let secret = surroundings.variable("AWS_SECRET_ACCESS_KEY") else {
      throw AWSError("AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not")
    }
    let token =
      surroundings.variable("AWS_SESSION_TOKEN") ?? surroundings.variable("AWS_SECURITY_TOKEN")
    return AWSCredentials(
      accessKeyID: id, secretAccessKey: Secret(secret), sessionToken: token.map { Secret($0) })
  }

  // MARK: Profiles

  /// Keys that stand in a profile, or those of its program.
  private func fromKeys(of name: String) throws(AWSError) -> AWSCredentials? {
    let profile = configuration.profiles[name] ?? [:]
    if let id = profile["aws_access_key_id"] {
      guard let secret = profile["aws_secret_access_key"] else {
        throw AWSError("the AWS profile '\(name)' has an aws_access_key_id and no aws_secret_access_key")
      }
      return AWSCredentials(
        accessKeyID: id, secretAccessKey: Secret(secret),
        sessionToken: profile["aws_session_token"].map { Secret($0) })
    }
    guard let command = profile["credential_process"] else { return nil }
    let answer = try surroundings.run(command)
    guard let document = try? JSONDecoder().decode(CredentialDocument.self, from: Data(answer)),
      document.version == 1, let found = document.credentials
    else { throw AWSError("the credential_process of the AWS profile '\(name)' gave no credentials") }
    return found
  }

  /// - Parameter seen: the profiles that lead to this one.
  private func fromRole(of name: String, _ seen: [String]) throws(AWSError) -> AWSCredentials? {
    let profile = configuration.profiles[name] ?? [:]
    guard let role = profile["role_arn"] else { return nil }
    if let file = profile["web_identity_token_file"] {
      return try assume(role, webIdentity: file, session: profile["role_session_name"])
    }
    if profile["mfa_serial"] != nil {
      throw AWSError(
        "the role of the AWS profile '\(name)' asks for a code of a second device",
        help: "let the AWS program log in, and give its session's keys")
    }
    let base: AWSCredentials
    switch (profile["source_profile"], profile["credential_source"]) {
    case (let source?, nil):
      guard configuration.profiles[source] != nil else {
        throw AWSError("the AWS profile '\(name)' takes its credentials of '\(source)', which is nowhere")
      }
      // A profile may name itself: its own keys are meant.
      if source == name {
        guard let own = try fromKeys(of: name) else {
          throw AWSError("the AWS profile '\(name)' names itself as its source and has no keys")
        }
        base = own
      } else if seen.contains(source) {
        throw AWSError(
          "the AWS profiles " + (seen + [name, source]).map { "'\($0)'" }.joined(separator: ", ")
            + " lead back to one another")
      } else if let found = try fromRole(of: source, seen + [name]) {
        base = found
      } else if let found = try fromKeys(of: source) {
        base = found
      } else {
        throw AWSError("the AWS profile '\(source)', which '\(name)' takes its credentials of, has none")
      }
    case (nil, let place?):
      let found: AWSCredentials? =
        switch place {
        case "Environment": try fromEnvironment()
        case "EcsContainer": try fromContainer()
        case "Ec2InstanceMetadata": try fromInstance()
        default:
          throw AWSError("'\(place)' is no credential_source; the AWS profile '\(name)' names it")
        }
      guard let found else {
        throw AWSError("the AWS profile '\(name)' has credential_source \(place), where there are none")
      }
      base = found
    default:
      throw AWSError(
        "the AWS profile '\(name)' has a role_arn and not just one of source_profile and credential_source")
    }
    return try client.assume(role, of: profile, with: base)
  }

  private func assume(
    _ role: String, webIdentity path: String, session: String?
  ) throws(AWSError) -> AWSCredentials {
    guard let bytes = surroundings.read(surroundings.expanded(path)), !bytes.isEmpty else {
      throw AWSError("the file with the web identity's token cannot be read: \(path)")
    }
    let token = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return try client.assume(role, webIdentity: Secret(token), session: session)
  }

  // MARK: Metadata

  private func fromMetadata() throws(AWSError) -> AWSCredentials? {
    if let found = try fromContainer() { return found }
    return try fromInstance()
  }

  private static let containerHosts: Set = [
    "169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost", "127.0.0.1", "::1",
  ]

  private func fromContainer() throws(AWSError) -> AWSCredentials? {
    let address: String
    if let relative = surroundings.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
      address = "http://169.254.170.2" + relative
    } else if let full = surroundings.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
      address = full
    } else {
      return nil
    }
    guard var request = HTTPRequest("GET", address: address) else {
      throw AWSError("AWS_CONTAINER_CREDENTIALS_FULL_URI is no http address")
    }
    guard request.scheme == "https" || Self.containerHosts.contains(request.host) else {
      throw AWSError("AWS_CONTAINER_CREDENTIALS_FULL_URI leads to \(request.host) without TLS")
    }
    var token = surroundings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    if let file = surroundings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
      guard let bytes = surroundings.read(file) else {
        throw AWSError("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read: \(file)")
      }
      token = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    if let token { request.headers.append(.init("Authorization", token)) }
    request.patience = 5
    let answer = try client.trying(request)
    guard answer.isSuccess, let found = CredentialDocument.read(answer.body) else {
      throw AWSError("the container's service gave no credentials (\(answer.status))")
    }
    return found
  }

  /// Version 2 of the metadata service: a token first. nil where nothing answers: this is no machine of EC2.
  private func fromInstance() throws(AWSError) -> AWSCredentials? {
    guard !surroundings.isOn("AWS_EC2_METADATA_DISABLED") else { return nil }
    let isIPv6 = surroundings.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.lowercased() == "ipv6"
    let address =
      surroundings.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT")
      ?? (isIPv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254")
    let folder = "/latest/meta-data/iam/security-credentials/"
    guard var ask = HTTPRequest("PUT", address: address, path: "/latest/api/token"),
      var list = HTTPRequest("GET", address: address, path: folder)
    else { throw AWSError("AWS_EC2_METADATA_SERVICE_ENDPOINT is no http address") }
    ask.headers = [.init("x-aws-ec2-metadata-token-ttl-seconds", "21600")]
    ask.patience = surroundings.variable("AWS_METADATA_SERVICE_TIMEOUT").flatMap { Int($0) } ?? 1
    guard let token = try? surroundings.send(ask), token.isSuccess else { return nil }
    list.headers = [.init("x-aws-ec2-metadata-token", token.text)]
    list.patience = max(ask.patience, 2)
    let roles = try client.trying(list)
    guard roles.isSuccess, let role = roles.text.split(whereSeparator: \.isNewline).first else { return nil }
    var keys = list
    keys.path += role
    let answer = try client.trying(keys)
    guard answer.isSuccess, let found = CredentialDocument.read(answer.body) else {
      throw AWSError("the machine's metadata gave no credentials for its role '\(role)'")
    }
    return found
  }
}

/// Credentials as programs, containers and machines give them.
struct CredentialDocument: Decodable {
  var version: Int?
  var accessKeyID: String?
  var secretAccessKey: String?
  var token: String?
  var sessionToken: String?
  var expiration: String?

  enum CodingKeys: String, CodingKey {
    case version = "Version"
    case accessKeyID = "AccessKeyId"
    case secretAccessKey = "SecretAccessKey"
    case token = "Token"
    case sessionToken = "SessionToken"
    case expiration = "Expiration"
  }

  var credentials: AWSCredentials? {
    guard let accessKeyID, let secretAccessKey else { return nil }
    return AWSCredentials(
      accessKeyID: accessKeyID, secretAccessKey: Secret(secretAccessKey),
      sessionToken: (sessionToken ?? token).map { Secret($0) },
      expiration: expiration.flatMap(Timestamp.seconds))
  }

  static func read(_ body: [UInt8]) -> AWSCredentials? {
    (try? JSONDecoder().decode(CredentialDocument.self, from: Data(body)))?.credentials
  }
}

/// Times as services write them: `2026-11-22T10:00:00Z`, with parts of seconds or without.
enum Timestamp {
  /// Seconds since 1970.
  static func seconds(_ text: String) -> Double? {
    var text = text
    if let point = text.firstIndex(of: ".") {
      let end = text[point...].dropFirst().firstIndex { !$0.isNumber } ?? text.endIndex
      text.removeSubrange(point..<end)
    }
    return (try? Date(text, strategy: .iso8601))?.timeIntervalSince1970
  }
}
