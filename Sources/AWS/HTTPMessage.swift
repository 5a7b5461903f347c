/// A request, its path and query not yet escaped.
public struct HTTPRequest: Sendable, Hashable {
  public var method: String
  /// `https` or `http`
  public var scheme: String
  /// Host, and port where it is not the scheme's own.
  public var authority: String
  public var path: String
  public var query: [Field] = []
  public var headers: [Field] = []
  public var body: [UInt8] = []
  /// Seconds that an answer may take.
  public var patience = 30

  public struct Field: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public init(_ method: String, scheme: String, authority: String, path: String) {
    self.method = method
    self.scheme = scheme
    self.authority = authority
    self.path = path.hasPrefix("/") ? path : "/" + path
  }

  /// `http://localhost:5000/base`, and what follows it; nil for what is no address.
  public init?(_ method: String, address: String, path: String = "") {
    guard let mark = address.firstRange(of: "://") else { return nil }
    let scheme = address[..<mark.lowerBound].lowercased()
    guard ["http", "https"].contains(scheme) else { return nil }
    let rest = address[mark.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    guard !authority.isEmpty else { return nil }
    let more = rest.dropFirst(authority.count)
    let (base, query) = (more.prefix { $0 != "?" }, more.drop { $0 != "?" }.dropFirst())
    self.init(
      method, scheme: scheme, authority: String(authority),
      path: (base.hasSuffix("/") && !path.isEmpty ? String(base.dropLast()) : String(base)) + path)
    self.query = query.split(separator: "&").map { pair in
      let name = pair.prefix { $0 != "=" }
      return Field(String(name), String(pair.dropFirst(name.count + 1)))
    }
  }

  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The address as it goes over the wire.
  public var url: String {
    scheme + "://" + authority + PercentEncoding.path(path)
      + (query.isEmpty ? "" : "?" + PercentEncoding.query(query))
  }

  /// The host without its port.
  public var host: String {
    if authority.hasPrefix("[") { return String(authority.prefix { $0 != "]" }.dropFirst()) }
    return String(authority.prefix { $0 != ":" })
  }
}

public struct HTTPResponse: Sendable, Hashable {
  public var status: Int
  public var body: [UInt8]

  public init(status: Int, body: [UInt8]) {
    self.status = status
    self.body = body
  }

  var isSuccess: Bool { (200..<300).contains(status) }
  var text: String { String(decoding: body, as: UTF8.self) }
}

/// RFC 3986's escapes, as SigV4 wants them: everything but letters, digits and `-._~`.
enum PercentEncoding {
  static func encode(_ text: String, keeping kept: [UInt8] = []) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        result.unicodeScalars.append(Unicode.Scalar(byte))
      case _ where kept.contains(byte): result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += digits.utf8.count == 1 ? "%0" + digits : "%" + digits
      }
    }
    return result
  }

  static func path(_ path: String) -> String { encode(path, keeping: [UInt8(ascii: "/")]) }

  /// In the order of names, then values, as they are signed.
  static func query(_ fields: [HTTPRequest.Field]) -> String {
    fields.map { (encode($0.name), encode($0.value)) }
      .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
      .map { $0.0 + "=" + $0.1 }.joined(separator: "&")
  }
}
