import Warehouse

/// Where the parts of a project's embedded server lie.
struct ServerLayout: Equatable {
  /// `<project>/.whc`
  var control: String
  /// Holds `data`, `run`, `server.log`.
  var base: String
  /// The folder of the socket.
  var socket: String

  var data: String { base + "/data" }
  /// What initdb writes; renamed to `data` when it is whole.
  var unfinishedData: String { base + "/data.new" }
  var log: String { base + "/server.log" }
  var pidFile: String { data + "/postmaster.pid" }
  var lock: String { control + "/postgres.lock" }
  /// Says where `base` and `socket` are when they are not at their usual place.
  var record: String { control + "/postgres.location" }

  /// - Parameter project: absolute, links resolved.
  init(project: String, base: String? = nil, port: Int = 5432) {
    control = project + "/.whc"
    let base = base ?? project + "/.whc/postgres"
    self.base = base
    socket = base + "/run"
    if (socket + "/.s.PGSQL.\(port)").utf8.count > Self.longestSocketPath {
      socket = "/tmp/whc-" + StableHash.hexadecimal(of: base, digits: 12)
    }
  }

  /// Bytes of a socket's path that every system takes; Linux allows 107, macOS 103.
  static let longestSocketPath = 100

  /// Where the server lies when its user cannot enter the project: known again from the project's path alone.
  static func awayFrom(project: String) -> [String] {
    let key = StableHash.hexadecimal(of: project, digits: 16)
    return ["/var/lib/whc/\(key)", "/var/tmp/whc-\(key)"]
  }

  /// The layout that an earlier start recorded, or the usual one.
  static func recorded(project: String, port: Int) -> ServerLayout {
    let usual = ServerLayout(project: project, port: port)
    var layout = usual
    for line in (ServerFiles.text(usual.record) ?? "").split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { continue }
      switch parts[0] {
      case "base": layout = ServerLayout(project: project, base: parts[1], port: port)
      case "socket": layout.socket = parts[1]
      default: continue
      }
    }
    return layout
  }

  var recordText: String { "base \(base)\nsocket \(socket)\n" }
}
