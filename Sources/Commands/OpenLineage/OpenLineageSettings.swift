import Diagnostics
import Foundation
import ProjectLoading
import ProjectModel

/// Where OpenLineage events go, and under which names.
///
/// `--openlineage` says it first, then the variables that OpenLineage's own clients read (`OPENLINEAGE_URL`, `_ENDPOINT`,
/// `_API_KEY`, `_NAMESPACE`, `_DISABLED`), then `openlineage.yml` (that of `OPENLINEAGE_CONFIG`, or beside the project).
struct OpenLineageSettings: Sendable {
  enum Transport: Sendable {
    /// One event a line, behind what the file holds.
    case file(String)
    case http(url: String, key: Secret?)
  }

  var transport: Transport
  var namespace: String
  /// How many seconds a server may take for an event.
  var patience = 8

  /// nil when nobody asked for events.
  ///
  /// - Throws: `bad-flag` for a configuration that cannot be understood.
  init?(_ option: String?, _ flags: Flags) throws(DiagnosticsError) {
    let environment = flags.environment
    func text(_ name: String) -> String? {
      environment["OPENLINEAGE_" + name].flatMap { $0.isEmpty ? nil : $0 }
    }
    if option == nil, ["true", "1"].contains(text("DISABLED")?.lowercased()) { return nil }
    namespace = text("NAMESPACE") ?? "whc"
    let key = text("API_KEY").map { Secret($0) }
    let endpoint = text("ENDPOINT") ?? Self.endpoint
    if let option {
      transport =
        Self.isAddress(option)
        ? .http(url: Self.address(option, endpoint), key: key)
        : .file(Self.absolute(option, flags))
    } else if let url = text("URL") {
      guard Self.isAddress(url) else { throw Self.wrong("OPENLINEAGE_URL is no http address") }
      transport = .http(url: Self.address(url, endpoint), key: key)
    } else {
      let path = text("CONFIG") ?? flags.projectDirectory + "/openlineage.yml"
      guard let bytes = try? FileSystem.read(Self.absolute(path, flags)) else { return nil }
      let name = (path as NSString).lastPathComponent
      guard let root = try? YAMLParser.parse(bytes, file: name).document.root?.plain.mapping,
        let found = root["transport"]?.mapping
      else { throw Self.wrong("\(name) has no 'transport'") }
      switch found["type"]?.string {
      case "http":
        guard let url = found["url"]?.string, Self.isAddress(url) else {
          throw Self.wrong("the transport of \(name) has no http address under 'url'")
        }
        let auth = found["auth"]?.mapping
        let stated = (auth?["apiKey"] ?? auth?["api_key"])?.string
        transport = .http(
          url: Self.address(url, found["endpoint"]?.string ?? endpoint),
          key: stated.map { Secret($0) } ?? key)
      case "file":
        guard let file = found["log_file_path"]?.string else {
          throw Self.wrong("the transport of \(name) has no 'log_file_path'")
        }
        transport = .file(Self.absolute(file, flags))
      default: throw Self.wrong("the transport of \(name) is neither http nor file")
      }
    }
  }

  /// What a message may say of it: no name and no password of an address.
  var place: String {
    switch transport {
    case .file(let path): path
    case .http(let url, _): URL(string: url)?.host ?? "the OpenLineage server"
    }
  }

  private static let endpoint = "api/v1/lineage"

  private static func isAddress(_ text: String) -> Bool {
    text.hasPrefix("http://") || text.hasPrefix("https://")
  }

  private static func address(_ url: String, _ endpoint: String) -> String {
    (url.hasSuffix("/") ? String(url.dropLast()) : url) + "/"
      + (endpoint.hasPrefix("/") ? String(endpoint.dropFirst()) : endpoint)
  }

  private static func absolute(_ path: String, _ flags: Flags) -> String {
    path.hasPrefix("/") ? path : flags.projectDirectory + "/" + path
  }

  private static func wrong(_ summary: String) -> DiagnosticsError {
    DiagnosticsError(
      Diagnostic(
        "bad-flag", summary,
        help: "--openlineage takes a file or an address such as http://localhost:5000"))
  }
}
