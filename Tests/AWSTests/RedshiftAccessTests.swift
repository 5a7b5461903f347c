import ProjectLoading
import Testing

@testable import AWS

@Suite struct RedshiftAccessTests {
  static let cluster = "shop.abc.eu-central-1.redshift.amazonaws.com"
  static let workgroup = "wg.123456789012.eu-west-2.redshift-serverless.amazonaws.com"
  static let keys = AWSCredentials(accessKeyID: "KEY", secretAccessKey: Secret("top-secret"))

  func fields(_ access: RedshiftAccess) throws -> [[String]] {
    try access.calls().map { call in
      switch call {
      case .cluster(let action, let parameters):
        [action] + parameters.map { "\($0.name)=\($0.value)" }
      case .workgroup(let parameters): parameters.map { "\($0)=\($1)" }.sorted()
      }
    }
  }

  @Test func hostsTellWhatTheyAre() {
    #expect(RedshiftHost(Self.cluster).region == "eu-central-1")
    #expect(RedshiftHost(Self.cluster).name == "shop")
    let china = RedshiftHost("shop.abc.cn-north-1.redshift.amazonaws.com.cn")
    #expect(china.kind == .cluster && china.region == "cn-north-1")
    let serverless = RedshiftHost(Self.workgroup)
    #expect(serverless.kind == .workgroup && serverless.name == "wg" && serverless.region == "eu-west-2")
    #expect(RedshiftHost("warehouse.example.com").kind == .other)
  }

  @Test func usersOfClustersComeByName() throws {
    var access = RedshiftAccess(.user("loader"), host: Self.cluster, database: "dev")
    #expect(throws: AWSError.self) { try access.calls() }
    access.clusterID = "shop"
    access.createsUser = true
    access.groups = ["etl", "reporters"]
    #expect(
      try fields(access) == [
        [
          "GetClusterCredentials", "ClusterIdentifier=shop", "DbName=dev", "DbUser=loader", "AutoCreate=true",
          "DbGroups.DbGroup.1=etl", "DbGroups.DbGroup.2=reporters",
        ]
      ])
    access.host = "warehouse.example.com"
    #expect(
      try fields(access).map { $0[1] } == [
        "CustomDomainName=warehouse.example.com", "ClusterIdentifier=shop",
      ])
  }

  @Test func rolesAreFederated() throws {
    var access = RedshiftAccess(.role, host: Self.cluster, database: "dev")
    access.clusterID = "shop"
    #expect(
      try fields(access) == [
        ["GetClusterCredentialsWithIAM", "ClusterIdentifier=shop", "DbName=dev", "DurationSeconds=900"]
      ])
  }

  @Test func workgroupsHaveACallOfTheirOwn() throws {
    var access = RedshiftAccess(.role, host: Self.workgroup, database: "dev")
    access.clusterID = "ignored"
    #expect(try fields(access) == [["dbName=dev", "workgroupName=wg"]])
    access.workgroup = "other"
    #expect(try fields(access) == [["dbName=dev", "workgroupName=other"]])
    access = RedshiftAccess(.user("u"), host: "warehouse.example.com", database: "dev")
    access.isServerless = true
    #expect(try fields(access) == [["customDomainName=warehouse.example.com", "dbName=dev"]])
    access.workgroup = "wg"
    access.isServerless = false
    #expect(try fields(access) == [["dbName=dev", "workgroupName=wg"]])
  }

  @Test func passwordsOfWorkgroupsAreJSON() throws {
    let world = World()
    let client = try world.client(["AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS": "http://127.0.0.1:83"]) { _ in
      .ok(#"{"dbPassword":"p","dbUser":"IAMR:me","expiration":1440939060.5,"nextRefreshTime":1}"#)
    }
    let found = try client.password(
      for: RedshiftAccess(.role, host: Self.workgroup, database: "dev"), with: Self.keys)
    #expect(found.user == "IAMR:me" && found.password.reveal() == "p" && found.expiration == 1_440_939_060.5)
    let request = try #require(world.requests.first)
    #expect(request.url == "http://127.0.0.1:83/")
    #expect(request.header("x-amz-target") == "RedshiftServerless.GetCredentials")
    #expect(String(decoding: request.body, as: UTF8.self) == #"{"dbName":"dev","workgroupName":"wg"}"#)
    #expect(request.header("authorization")?.contains("/eu-west-2/redshift-serverless/aws4_request") == true)
  }

  @Test func endpointsAreThoseOfTheConfiguration() throws {
    let files = [
      "/config": """
      [profile a]
      services = local
      endpoint_url = http://everything
      [services local]
      sts =
        endpoint_url = http://own
      """
    ]
    func url(_ service: AWSService, _ more: [String: String] = [:]) throws -> String {
      try World().client(
        ["AWS_CONFIG_FILE": "/config", "AWS_PROFILE": "a"].merging(more) { $1 }, files: files
      ).request("GET", to: service, region: "cn-north-1").url
    }
    #expect(try url(.sts) == "http://own/")
    #expect(try url(.redshift) == "http://everything/")
    #expect(try url(.sts, ["AWS_ENDPOINT_URL": "http://env"]) == "http://env/")
    #expect(
      try url(.sts, ["AWS_ENDPOINT_URL": "http://env", "AWS_ENDPOINT_URL_STS": "http://b/"]) == "http://b/")
    #expect(
      try url(.redshift, ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"])
        == "https://redshift.cn-north-1.amazonaws.com.cn/")
  }

  @Test func refusalsAreTheServicesOwnAndSecretsAreLeftOut() throws {
    var access = RedshiftAccess(.user("loader"), host: Self.cluster, database: "dev")
    access.clusterID = "shop"
    let world = World()
    let client = try world.client { _ in
      .refusal(
        403,
        """
        <ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code>
        <Message>The signature top-secret does not match.

        The canonical string is …</Message></Error></ErrorResponse>
        """)
    }
    let error = #expect(throws: AWSError.self) { try client.password(for: access, with: Self.keys) }
    #expect(
      error?.message
        == "AWS refuses GetClusterCredentials: SignatureDoesNotMatch: The signature ******** does not match.")
    #expect(error?.help == "the secret key is not that of the access key")
    #expect(world.requests.count == 1)
  }

  @Test func passingTroubleIsTriedAgain() throws {
    var access = RedshiftAccess(.role, host: Self.cluster, database: "dev")
    access.clusterID = "shop"
    let world = World()
    let client = try world.client { _ in
      switch world.requests.count {
      case 1: nil
      case 2: .refusal(400, "<Error><Code>Throttling</Code><Message>slower</Message></Error>")
      default: .ok("<r><DbUser>IAMR:me</DbUser><DbPassword>p</DbPassword></r>")
      }
    }
    #expect(try client.password(for: access, with: Self.keys).user == "IAMR:me")
    #expect(world.pauses == [0.5, 1])
  }
}
