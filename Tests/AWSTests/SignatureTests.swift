import ProjectLoading
import Testing

@testable import AWS

/// AWS's published examples: the test suite of Signature Version 4, the developer guide's ListUsers, S3's PUT and GET.
@Suite struct SignatureTests {
  struct Example: Sendable, CustomTestStringConvertible {
    var name: String
    var method = "GET"
    var authority = "example.amazonaws.com"
    var path = "/"
    var query: [HTTPRequest.Field] = []
    var headers: [HTTPRequest.Field] = []
    var body = ""
    var service = "service"
    var token: String?
    var signature: String
    var testDescription: String { name }
  }

  static let examples = [
    Example(
      name: "get-vanilla", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    Example(
      name: "get-vanilla-query-order-key-case",
      query: [.init("Param2", "value2"), .init("Param1", "value1")],
      signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    Example(
      name: "get-utf8", path: "/\u{1234}",
      signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
    Example(
      name: "get-header-value-trim",
      headers: [.init("My-Header1", " value1"), .init("My-Header2", " \"a   b   c\"")],
      signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
    Example(
      name: "post-vanilla", method: "POST",
      signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    Example(
      name: "post-x-www-form-urlencoded", method: "POST",
      headers: [.init("Content-Type", "application/x-www-form-urlencoded")], body: "Param1=value1",
      signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    Example(
      name: "post-sts-header-before", method: "POST",
      token:
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqT"
        + "flfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8T"
        + "x6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJab"
        + "IQwj2ICCR/oLxBA==",
      signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"),
    Example(
      name: "ListUsers", authority: "iam.amazonaws.com",
      query: [.init("Action", "ListUsers"), .init("Version", "2010-05-08")],
      headers: [.init("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")], service: "iam",
      signature: "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"),
  ]

  @Test(arguments: examples) func isThatOfAWS(example: Example) {
    var request = HTTPRequest(
      example.method, scheme: "https", authority: example.authority, path: example.path)
    request.query = example.query
    request.headers = example.headers
    request.body = Array(example.body.utf8)
    let credentials = AWSCredentials(
      accessKeyID: "AKIDEXAMPLE",
      secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
      sessionToken: example.token.map { Secret($0) })
    // 2015-08-30 12:36:00
    let signed = SignatureV4(credentials, region: "us-east-1", service: example.service)
      .sign(request, at: 1_440_938_160)
    #expect(signed.header("x-amz-date") == "20150830T123600Z")
    #expect(signed.header("authorization")?.hasSuffix("Signature=" + example.signature) == true)
  }

  @Test(arguments: [
    (
      "PUT", "/test$file.text", "Welcome to Amazon S3.",
      [
        HTTPRequest.Field("Date", "Fri, 24 May 2013 00:00:00 GMT"),
        HTTPRequest.Field("x-amz-storage-class", "REDUCED_REDUNDANCY"),
      ], "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    ),
    (
      "GET", "/test.txt", "", [HTTPRequest.Field("Range", "bytes=0-9")],
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    ),
  ]) func isThatOfS3(
    method: String, path: String, body: String, headers: [HTTPRequest.Field], signature: String
  ) {
    var request = HTTPRequest(
      method, scheme: "https", authority: "examplebucket.s3.amazonaws.com", path: path)
    request.headers = headers
    request.body = Array(body.utf8)
    let credentials = AWSCredentials(
      accessKeyID: "AKIAIOSFODNN7EXAMPLE",
      secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
    let signed = SignatureV4(credentials, region: "us-east-1", service: "s3")
      .sign(request, at: 1_369_353_600)
    #expect(signed.header("authorization")?.hasSuffix("Signature=" + signature) == true)
  }

  /// RFC 4231, cases 2 and 6 (a key longer than a block).
  @Test func codeOfMessageIsThatOfTheStandard() {
    #expect(
      HMAC.hexadecimal(key: Array("Jefe".utf8), "what do ya want for nothing?")
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      HMAC.hexadecimal(
        key: [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First")
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
  }
}
