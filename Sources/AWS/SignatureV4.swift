import Foundation
import ProjectModel

/// AWS Signature Version 4: what proves to a service that a request comes from who has the secret key.
///
/// Paths are escaped once, as S3 has it; the paths of other services are `/` here.
public struct SignatureV4: Sendable {
  public var credentials: AWSCredentials
  public var region: String
  /// The name under which the service signs: `redshift`.
  public var service: String

  private static let algorithm = "AWS4-HMAC-SHA256"

  public init(_ credentials: AWSCredentials, region: String, service: String) {
    self.credentials = credentials
    self.region = region
    self.service = service
  }

  /// The request with its date, the token and the signature over all of its headers.
  ///
  /// - Parameter time: seconds since 1970.
  public func sign(_ request: HTTPRequest, at time: Double) -> HTTPRequest {
    var signed = request
    let stamp = Self.timestamp(time)
    signed.headers.append(.init("x-amz-date", stamp))
    if let token = credentials.sessionToken {
      signed.headers.append(.init("x-amz-security-token", token.reveal()))
    }
    let hash = SHA256.hexadecimal(request.body)
    if service == "s3" { signed.headers.append(.init("x-amz-content-sha256", hash)) }
    let names = Self.names(signed)
    let scope = "\(stamp.prefix(8))/\(region)/\(service)/aws4_request"
    let canonical = canonicalRequest(signed, names: names, hash: hash)
    let text = [Self.algorithm, stamp, scope, SHA256.hexadecimal(canonical)].joined(separator: "\n")
    let signature = HMAC.hexadecimal(key: key(day: stamp.prefix(8)), text)
    signed.headers.append(
      .init(
        "Authorization",
        "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope), "
          + "SignedHeaders=\(names.joined(separator: ";")), Signature=\(signature)"))
    return signed
  }

  private func canonicalRequest(_ request: HTTPRequest, names: [String], hash: String) -> String {
    var lines = [
      request.method, PercentEncoding.path(request.path), PercentEncoding.query(request.query),
    ]
    for name in names {
      let value = name == "host" ? request.authority : request.header(name) ?? ""
      lines.append(name + ":" + value.split(separator: " ").joined(separator: " "))
    }
    return (lines + ["", names.joined(separator: ";"), hash]).joined(separator: "\n")
  }

  private static func names(_ request: HTTPRequest) -> [String] {
    (request.headers.map { $0.name.lowercased() } + ["host"]).sorted()
  }

  private func key(day: Substring) -> [UInt8] {
    var key = Array(("AWS4" + credentials.secretAccessKey.reveal()).utf8)
    for part in [String(day), region, service, "aws4_request"] { key = HMAC.digest(key: key, part) }
    return key
  }

  /// `20150830T123600Z`
  static func timestamp(_ time: Double) -> String {
    let text: String = Date.ISO8601FormatStyle().format(Date(timeIntervalSince1970: time.rounded(.down)))
    return text.replacing("-", with: "").replacing(":", with: "")
  }
}

/// HMAC with SHA-256 (RFC 2104).
enum HMAC {
  static func hexadecimal(key: [UInt8], _ message: String) -> String {
    let key = key.count > 64 ? SHA256.digest(key) : key
    func padded(_ pad: UInt8) -> [UInt8] { (0..<64).map { ($0 < key.count ? key[$0] : 0) ^ pad } }
    return SHA256.hexadecimal(padded(0x5C) + SHA256.digest(padded(0x36) + message.utf8))
  }

  static func digest(key: [UInt8], _ message: String) -> [UInt8] {
    SHA256.bytes(ofHexadecimal: hexadecimal(key: key, message))
  }
}

extension SHA256 {
  static func digest(_ message: [UInt8]) -> [UInt8] { bytes(ofHexadecimal: hexadecimal(message)) }

  fileprivate static func bytes(ofHexadecimal text: String) -> [UInt8] {
    func value(_ digit: UInt8) -> UInt8 {
      digit < UInt8(ascii: "a") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
    }
    let digits = Array(text.utf8)
    return stride(from: 0, to: digits.count - 1, by: 2).map { value(digits[$0]) << 4 | value(digits[$0 + 1]) }
  }
}
