import Foundation

/// A service that is called here.
public enum AWSService: String, Sendable {
  /// The names that services sign under, which are the beginnings of their addresses too.
  case redshift, sts, s3
  case serverless = "redshift-serverless"

  /// As it stands in `AWS_ENDPOINT_URL_…`.
  var variable: String { rawValue.uppercased().replacing("-", with: "_") }

  /// The version of its query interface.
  var version: String { self == .sts ? "2011-06-15" : "2012-12-01" }
}

/// Signed calls to AWS's services, tried again where that may help.
public struct AWSClient: Sendable {
  public let surroundings: Surroundings
  public let configuration: SharedConfiguration
  static let attempts = 3

  public init(_ surroundings: Surroundings, _ configuration: SharedConfiguration) {
    self.surroundings = surroundings
    self.configuration = configuration
  }

  /// Calls an action of a service that takes forms and answers XML.
  ///
  /// - Parameter credentials: nil for the calls that need none.
  func call(
    _ action: String, of service: AWSService, region: String, with credentials: AWSCredentials?,
    _ parameters: [HTTPRequest.Field]
  ) throws(AWSError) -> XMLText {
    let form = [.init("Action", action), .init("Version", service.version)] + parameters
    let request = try post(
      service, region: region, body: PercentEncoding.query(form),
      headers: [.init("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")])
    let answer = try send(request, action, service, region: region, with: credentials)
    return XMLText(answer.body)
  }

  /// Calls an action of a service that speaks JSON.
  func call<Answer: Decodable>(
    _ action: String, ofJSON service: AWSService, region: String, with credentials: AWSCredentials,
    _ parameters: [String: String], as type: Answer.Type
  ) throws(AWSError) -> Answer {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    guard let body = try? encoder.encode(parameters) else { throw AWSError("\(action) takes text") }
    let request = try post(
      service, region: region, body: String(decoding: body, as: UTF8.self),
      headers: [
        .init("Content-Type", "application/x-amz-json-1.1"),
        .init("X-Amz-Target", "RedshiftServerless.\(action)"),
      ])
    let answer = try send(request, action, service, region: region, with: credentials)
    guard let read = try? JSONDecoder().decode(type, from: Data(answer.body)) else {
      throw AWSError("\(action) was answered with something else than was asked for")
    }
    return read
  }

  /// The place of a service: what the configuration says, or AWS's own.
  func request(
    _ method: String, to service: AWSService, region: String, path: String = "/"
  ) throws(AWSError) -> HTTPRequest {
    let own = "https://\(service.rawValue).\(region).\(Self.suffix(region))"
    let address = configuration.endpoint(of: service) ?? own
    guard let request = HTTPRequest(method, address: address, path: path) else {
      throw AWSError("'\(address)' is no http address to call \(service.rawValue) at")
    }
    return request
  }

  private func post(
    _ service: AWSService, region: String, body: String, headers: [HTTPRequest.Field]
  ) throws(AWSError) -> HTTPRequest {
    var request = try request("POST", to: service, region: region)
    request.body = Array(body.utf8)
    request.headers = headers
    return request
  }

  static func suffix(_ region: String) -> String {
    region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
  }

  // MARK: Sending

  /// Signs and sends; each attempt is signed anew, since a signature is good for minutes.
  func send(
    _ request: HTTPRequest, _ action: String, _ service: AWSService, region: String,
    with credentials: AWSCredentials?
  ) throws(AWSError) -> HTTPResponse {
    var attempt = 1
    while true {
      let signed =
        credentials.map {
          SignatureV4($0, region: region, service: service.rawValue)
            .sign(request, at: surroundings.now())
        } ?? request
      let problem: AWSError
      let isPassing: Bool
      do throws(AWSError) {
        let answer = try surroundings.send(signed)
        if answer.isSuccess { return answer }
        problem = refusal(answer, of: action, credentials)
        isPassing =
          answer.status >= 500 || answer.status == 429
          || ["Throttling", "ThrottlingException", "RequestLimitExceeded"].contains(problem.code)
      } catch {
        problem = AWSError("\(action) at \(request.authority): \(error.message)", help: error.help)
        isPassing = true
      }
      guard isPassing, attempt < Self.attempts else { throw problem }
      surroundings.pause(0.5 * Double(attempt))
      attempt += 1
    }
  }

  /// Sends what needs no signature.
  func trying(_ request: HTTPRequest) throws(AWSError) -> HTTPResponse {
    var attempt = 1
    while true {
      do throws(AWSError) {
        let answer = try surroundings.send(request)
        if answer.status < 500 || attempt == Self.attempts { return answer }
      } catch {
        if attempt == Self.attempts { throw error }
      }
      surroundings.pause(0.5 * Double(attempt))
      attempt += 1
    }
  }

  /// A service's refusal in its own words. Only their first line: of a wrong signature the rest repeats the request.
  private func refusal(
    _ answer: HTTPResponse, of action: String, _ credentials: AWSCredentials?
  ) -> AWSError {
    let xml = XMLText(answer.body)
    var (code, message) = (xml["Code"], xml["Message"])
    if code == nil, let json = try? JSONDecoder().decode(JSONRefusal.self, from: Data(answer.body)) {
      code = json.type?.split(separator: "#").last.map(String.init)
      message = json.message
    }
    let line = message?.split(whereSeparator: \.isNewline).first.map(String.init)
    let words = [code ?? "status \(answer.status)", line].compactMap { $0 }.joined(separator: ": ")
    return AWSError(
      "AWS refuses \(action): " + (credentials?.redacting(words) ?? words), code: code,
      help: Self.help(code))
  }

  private struct JSONRefusal: Decodable {
    var type: String?
    var message: String?

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Key.self)
      type = try values.decodeIfPresent(String.self, forKey: Key("__type"))
      message =
        try values.decodeIfPresent(String.self, forKey: Key("message"))
        ?? values.decodeIfPresent(String.self, forKey: Key("Message"))
    }

    private struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(_ text: String) { stringValue = text }
      init?(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }
  }

  private static func help(_ code: String?) -> String? {
    switch code {
    case "SignatureDoesNotMatch", "InvalidSignatureException": "the secret key is not that of the access key"
    case "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId":
      "the access key or the session's token is not known"
    case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
      "the session has ended: log in to AWS again, and look at this machine's clock"
    case "AccessDenied", "AccessDeniedException": "the identity's policies must allow the action"
    case "ClusterNotFound": "'cluster_id' and 'region' name the cluster"
    default: nil
    }
  }
}
