/// `~/.aws/config` and `~/.aws/credentials`, or the files that the environment names in their place.
public struct SharedConfiguration: Sendable {
  public typealias Section = [String: String]

  /// By name; what the credentials file says of a profile wins.
  private(set) var profiles: [String: Section]
  private var services: [String: Section]
  /// The profile in use.
  public var profileName: String
  /// Whether the user named the profile for this connection: it then goes before keys of the environment.
  var isProfileStated: Bool
  private let surroundings: Surroundings

  /// - Parameter profile: the profile that is named for a connection.
  /// - Throws: when the profile that is asked for stands in neither file.
  public init(_ surroundings: Surroundings, profile: String? = nil) throws(AWSError) {
    self.surroundings = surroundings
    let asked =
      profile ?? surroundings.variable("AWS_PROFILE") ?? surroundings.variable("AWS_DEFAULT_PROFILE")
    profileName = asked ?? "default"
    isProfileStated = profile != nil
    let (configPath, keyPath) = (
      surroundings.variable("AWS_CONFIG_FILE") ?? "~/.aws/config",
      surroundings.variable("AWS_SHARED_CREDENTIALS_FILE") ?? "~/.aws/credentials"
    )
    (profiles, services) = ([:], [:])
    for (name, section) in Self.sections(surroundings.read(surroundings.expanded(configPath))) {
      let words = name.split(separator: " ", maxSplits: 1).map { $0.trimmingQuotes() }
      switch (words.first, words.count) {
      case ("default", 1): profiles["default"] = section
      case ("profile", 2): profiles[words[1]] = section
      case ("services", 2): services[words[1]] = section
      default: break
      }
    }
    for (name, section) in Self.sections(surroundings.read(surroundings.expanded(keyPath))) {
      profiles[name, default: [:]].merge(section) { $1 }
    }
    if let asked, profiles[asked] == nil {
      throw AWSError(
        "the AWS profile '\(asked)' stands neither in \(configPath) nor in \(keyPath)",
        help: profiles.isEmpty ? nil : "there: " + profiles.keys.sorted().joined(separator: ", "))
    }
  }

  public var profile: Section { profiles[profileName] ?? [:] }

  /// The region that is set for everything, by the environment or the profile.
  public var region: String? {
    surroundings.variable("AWS_REGION") ?? surroundings.variable("AWS_DEFAULT_REGION") ?? profile["region"]
  }

  /// The address that stands in for a service's own: `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL`, then the same of the
  /// profile.
  func endpoint(of service: AWSService) -> String? {
    guard !surroundings.isOn("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
      profile["ignore_configured_endpoint_urls"]?.lowercased() != "true"
    else { return nil }
    let own = profile["services"].flatMap { services[$0] }
    return surroundings.variable("AWS_ENDPOINT_URL_" + service.variable)
      ?? surroundings.variable("AWS_ENDPOINT_URL")
      ?? own?[service.variable.lowercased() + ".endpoint_url"] ?? profile["endpoint_url"]
  }

  /// The sections of a file; an indented line belongs to the key above it and is found as `key.inner`.
  static func sections(_ bytes: [UInt8]?) -> [(name: String, values: Section)] {
    var result: [(name: String, values: Section)] = []
    var parent: String?
    for line in String(decoding: bytes ?? [], as: UTF8.self).split(whereSeparator: \.isNewline) {
      let text = line.trimmingBlanks()
      guard let first = text.first, first != "#", first != ";" else { continue }
      if first == "[" {
        result.append((text.dropFirst().prefix { $0 != "]" }.trimmingBlanks(), [:]))
        parent = nil
        continue
      }
      guard !result.isEmpty, let equals = text.firstIndex(of: "=") else { continue }
      let key = Substring(text[..<equals]).trimmingBlanks().lowercased()
      let value = withoutComment(text[text.index(after: equals)...]).trimmingBlanks()
      let isInner = line.first == " " || line.first == "\t"
      if isInner, let parent {
        result[result.count - 1].values[parent + "." + key] = value
      } else {
        parent = value.isEmpty ? key : nil
        if !value.isEmpty { result[result.count - 1].values[key] = value }
      }
    }
    return result
  }

  /// A comment behind a value begins with a blank and a mark.
  private static func withoutComment(_ value: Substring) -> Substring {
    let ends = [" #", " ;", "\t#", "\t;"].compactMap { value.firstRange(of: $0)?.lowerBound }
    return value[..<(ends.min() ?? value.endIndex)]
  }
}

extension Substring {
  fileprivate func trimmingBlanks() -> String {
    var rest = self
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return String(rest)
  }

  fileprivate func trimmingQuotes() -> String {
    let text = trimmingBlanks()
    guard text.count > 1, let first = text.first, first == "\"" || first == "'", text.last == first else {
      return text
    }
    return String(text.dropFirst().dropLast())
  }
}
