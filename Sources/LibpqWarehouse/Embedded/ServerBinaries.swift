import Diagnostics

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A folder that holds a PostgreSQL server's programs.
struct ServerBinaries {
  var folder: String
  /// 15 for PostgreSQL 15.3.
  var major: Int

  func path(_ program: String) -> String { folder + "/" + program }

  /// The first folder that holds a server.
  ///
  /// - Parameters:
  ///   - configured: a folder that the user chose; nothing else is looked at then.
  ///   - major: the version that an existing cluster needs; nil for any.
  static func find(configured: String?, major: Int?) throws(DiagnosticsError) -> ServerBinaries {
    var seen: [ServerBinaries] = []
    var tried: [String] = []
    for folder in configured.map({ [$0] }) ?? candidates() where !tried.contains(folder) {
      tried.append(folder)
      guard let found = inspect(folder) else { continue }
      if major == nil || found.major == major { return found }
      seen.append(found)
    }
    if let major, !seen.isEmpty { throw DiagnosticsError(wrongVersion(major, seen)) }
    throw DiagnosticsError(missing(configured))
  }

  /// nil when the folder holds no server that runs.
  private static func inspect(_ folder: String) -> ServerBinaries? {
    guard ServerFiles.isExecutable(folder + "/postgres"), ServerFiles.isExecutable(folder + "/initdb") else {
      return nil
    }
    let outcome = ChildProcess([folder + "/postgres", "--version"]).run()
    // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "… 18beta1"
    guard outcome.isSuccess, let version = outcome.output.split(separator: ")").dropFirst().first else {
      return nil
    }
    let digits = version.drop { $0 == " " }.prefix { $0.isNumber }
    return Int(digits).map { ServerBinaries(folder: folder, major: $0) }
  }

  /// Folders in the order in which they are looked at: the installation that libpq's own tools name,
  /// versioned folders, newest first, PATH, Homebrew.
  private static func candidates() -> [String] {
    var folders: [String] = []
    let configuration = ChildProcess(["pg_config", "--bindir"]).run()
    if configuration.isSuccess, let line = configuration.output.split(separator: "\n").first {
      folders.append(String(line))
    }
    folders += versioned("/usr/lib/postgresql/", "", "/bin")
    folders += versioned("/usr/", "pgsql-", "/bin")
    folders += versioned("/usr/libexec/", "postgresql", "")
    if let path = getenv("PATH") { folders += String(cString: path).split(separator: ":").map(String.init) }
    for prefix in ["/opt/homebrew/", "/usr/local/", "/home/linuxbrew/.linuxbrew/"] {
      folders += versioned(prefix + "opt/", "postgresql@", "/bin")
      folders += [prefix + "opt/postgresql/bin", prefix + "bin"]
    }
    folders.append("/Applications/Postgres.app/Contents/Versions/latest/bin")
    return folders
  }

  private static func versioned(_ parent: String, _ prefix: String, _ suffix: String) -> [String] {
    let names = ServerFiles.list(parent).filter { $0.hasPrefix(prefix) }
    let versions = names.compactMap { Int($0.dropFirst(prefix.count)) }.sorted(by: >)
    return versions.map { "\(parent)\(prefix)\($0)\(suffix)" }
  }
}

extension ServerBinaries {
  static let installHelp = """
    install one: 'apt-get install postgresql' on Debian and Ubuntu, 'dnf install postgresql-server' on \
    Fedora, 'brew install postgresql@17' on macOS; or name a server of yours in profiles.yml
    """

  private static func missing(_ configured: String?) -> Diagnostic {
    let place = configured.map { "in '\($0)'" } ?? "on this machine"
    return Diagnostic(
      "no-postgres-server", "no PostgreSQL server was found \(place)",
      notes: ["the target has 'embedded: true', so whc starts a private server from the installed programs"],
      help: installHelp)
  }

  private static func wrongVersion(_ major: Int, _ seen: [ServerBinaries]) -> Diagnostic {
    Diagnostic(
      "embedded-version", "the project's server was made by PostgreSQL \(major), which is not installed",
      notes: seen.map { "PostgreSQL \($0.major) is in \($0.folder)" },
      help: "install PostgreSQL \(major), or move '.whc/postgres' away to begin with an empty server")
  }
}
