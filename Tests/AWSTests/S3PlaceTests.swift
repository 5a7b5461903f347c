import ProjectLoading
import Testing

@testable import AWS

@Suite struct S3PlaceTests {
  static let keys = AWSCredentials(accessKeyID: "KEY", secretAccessKey: Secret("s"))

  @Test func placesAreBucketsAndFolders() {
    #expect(S3Place("s3://lake/in/seeds/")?.address("a.csv") == "s3://lake/in/seeds/a.csv")
    #expect(S3Place("s3://lake")?.key("a.csv") == "a.csv")
    #expect(S3Place("s3:///lake") == nil)
    #expect(S3Place("lake/in") == nil)
  }

  @Test func filesAreSignedAndSent() throws {
    func url(_ place: String, _ variables: [String: String] = [:]) throws -> String? {
      let world = World()
      let client = try world.client(variables) { _ in .ok("") }
      try client.put(
        Array("rows".utf8), as: "a b.csv", in: #require(S3Place(place)), region: "eu-west-1", with: Self.keys)
      let request = world.requests.first
      #expect(request?.method == "PUT")
      #expect(
        request?.header("x-amz-content-sha256")
          == "bc51e9e65d79e1c90ba544ab2eae1044ccdf8c1af7a559ba375cba4276f7d99e")
      return request?.url
    }
    #expect(try url("s3://lake/in") == "https://lake.s3.eu-west-1.amazonaws.com/in/a%20b.csv")
    #expect(try url("s3://my.lake/in") == "https://s3.eu-west-1.amazonaws.com/my.lake/in/a%20b.csv")
    #expect(
      try url("s3://lake", ["AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"])
        == "http://127.0.0.1:9/lake/a%20b.csv")
  }
}
