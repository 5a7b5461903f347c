import ProjectLoading
import Testing

@testable import AWS

@Suite struct CredentialChainTests {
  static let keys = """
    [default]
    aws_access_key_id = DEFAULTKEY
    aws_secret_access_key = default-secret

    [base]   ; the one that takes roles on
    aws_access_key_id=BASEKEY
    aws_secret_access_key=base-secret # of mine
    aws_session_token=base-token
    """
  static let config = """
    [default]
    region = eu-west-1
    s3 =
      addressing_style = path

    [profile "loading"]
    role_arn = arn:aws:iam::123456789012:role/loader
    source_profile = base
    external_id = ours
    role_session_name = nightly

    [profile chained]
    role_arn = arn:aws:iam::123456789012:role/second
    source_profile = loading

    [profile around]
    role_arn = arn:aws:iam::1:role/a
    source_profile = back

    [profile back]
    role_arn = arn:aws:iam::1:role/b
    source_profile = around

    [profile own]
    role_arn = arn:aws:iam::1:role/own
    credential_source = Environment

    [profile program]
    credential_process = give me

    [profile web]
    role_arn = arn:aws:iam::1:role/web
    web_identity_token_file = /token

    [profile login]
    sso_session = corp
    """
  static let files = ["/home/me/.aws/credentials": keys, "/home/me/.aws/config": config, "/token": "abc\n"]

  /// Answers as STS does; the key says whose request it was.
  @Sendable static func sts(_ request: HTTPRequest) -> HTTPResponse? {
    guard request.authority.hasPrefix("sts.") else { return nil }
    let asker =
      request.header("authorization")?.split(separator: "=").dropFirst().first?.prefix { $0 != "/" } ?? "none"
    return .ok(
      """
      <AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>OF-\(asker)</AccessKeyId>
      <SecretAccessKey>a&amp;b&#x3c;</SecretAccessKey><SessionToken>t</SessionToken>
      <Expiration>2015-08-30T13:36:00.123Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
      """)
  }

  func find(
    _ variables: [String: String] = [:], profile: String? = nil, world: World = World(),
    answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse? = sts
  ) throws -> AWSCredentials {
    let commands = ["give me": #"{"Version":1,"AccessKeyId":"PROGRAMKEY","SecretAccessKey":"s"}"#]
    return try CredentialChain(
      world.client(variables, profile: profile, files: Self.files, commands: commands, answer: answer)
    ).find()
  }

  @Test func environmentGoesFirstUnlessAProfileIsNamed() throws {
    let environment = [
      "AWS_ACCESS_KEY_ID": "ENVKEY", "AWS_SECRET_ACCESS_KEY": "env-secret", "AWS_SESSION_TOKEN": "token",
    ]
    let found = try find(environment)
    #expect(found.accessKeyID == "ENVKEY")
    #expect(found.sessionToken?.reveal() == "token")
    #expect(try find(environment, profile: "base").accessKeyID == "BASEKEY")
    #expect(try find(environment.merging(["AWS_PROFILE": "base"]) { $1 }).accessKeyID == "ENVKEY")
    #expect(throws: AWSError.self) { try find(["AWS_ACCESS_KEY_ID": "ENVKEY"]) }
  }

  @Test func profilesAreThoseOfBothFiles() throws {
    #expect(try find().accessKeyID == "DEFAULTKEY")
    let base = try find(["AWS_PROFILE": "base"])
    #expect(base.secretAccessKey.reveal() == "base-secret")
    #expect(base.sessionToken?.reveal() == "base-token")
    #expect(try World().client(files: Self.files).configuration.region == "eu-west-1")
    #expect(throws: AWSError.self) { try find(profile: "missing") }
    #expect(try find(profile: "program").accessKeyID == "PROGRAMKEY")
  }

  @Test func rolesAreTakenOnByTheSource() throws {
    let world = World()
    let found = try find(profile: "loading", world: world)
    #expect(found.accessKeyID == "OF-BASEKEY")
    #expect(found.secretAccessKey.reveal() == "a&b<")
    #expect(found.expiration == 1_440_941_760)
    let request = try #require(world.requests.first)
    #expect(request.url == "https://sts.us-east-1.amazonaws.com/")
    #expect(
      String(decoding: request.body, as: UTF8.self)
        == "Action=AssumeRole&ExternalId=ours&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Floader"
        + "&RoleSessionName=nightly&Version=2011-06-15")
    #expect(request.header("x-amz-security-token") == "base-token")
    #expect(try find(profile: "chained").accessKeyID == "OF-OF-BASEKEY")
  }

  @Test func otherSourcesOfRoles() throws {
    let environment = ["AWS_ACCESS_KEY_ID": "ENVKEY", "AWS_SECRET_ACCESS_KEY": "s"]
    #expect(try find(environment, profile: "own").accessKeyID == "OF-ENVKEY")
    #expect(throws: AWSError.self) { try find(profile: "own") }
    let world = World()
    #expect(try find(profile: "web", world: world).accessKeyID == "OF-none")
    let form = try String(decoding: #require(world.requests.first).body, as: UTF8.self)
    #expect(form.hasSuffix("&WebIdentityToken=abc"))
    let error = #expect(throws: AWSError.self) { try find(profile: "around") }
    #expect(error?.message.contains("lead back") == true)
    let login = #expect(throws: AWSError.self) { try find(profile: "login") }
    #expect(login?.message.contains("Identity Center") == true)
  }

  @Test func containersAreAskedWithTheirToken() throws {
    let document =
      #"{"AccessKeyId":"TASKKEY","SecretAccessKey":"s","Token":"t","Expiration":"2015-08-30T13:36:00Z"}"#
    let world = World()
    let nothing = ["AWS_PROFILE": "", "AWS_CONFIG_FILE": "/none", "AWS_SHARED_CREDENTIALS_FILE": "/none"]
    let found = try find(
      nothing.merging([
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:81/role?x=1",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/token",
      ]) { $1 }, world: world
    ) { _ in .ok(document) }
    #expect(found.accessKeyID == "TASKKEY")
    #expect(world.requests.map(\.url) == ["http://127.0.0.1:81/role?x=1"])
    #expect(world.requests.first?.header("authorization") == "abc")
    #expect(throws: AWSError.self) {
      try find(
        nothing.merging(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/role"]) { $1 })
    }
  }

  @Test func machinesGiveATokenFirst() throws {
    let world = World()
    let nothing = [
      "AWS_CONFIG_FILE": "/none", "AWS_SHARED_CREDENTIALS_FILE": "/none",
      "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:82/",
    ]
    let found = try find(nothing, world: world) { request in
      if request.method == "PUT" { return .ok("TOKEN") }
      guard request.header("X-aws-ec2-metadata-token") == "TOKEN" else { return .refusal(401, "") }
      return request.path.hasSuffix("/loader")
        ? .ok(#"{"Code":"Success","AccessKeyId":"ROLEKEY","SecretAccessKey":"s","Token":"t"}"#)
        : .ok("loader\n")
    }
    #expect(found.accessKeyID == "ROLEKEY")
    #expect(world.requests.map(\.path).last == "/latest/meta-data/iam/security-credentials/loader")
    let off = World()
    #expect(throws: AWSError.self) {
      try find(nothing.merging(["AWS_EC2_METADATA_DISABLED": "true"]) { $1 }, world: off)
    }
    #expect(off.requests.isEmpty)
  }
}
