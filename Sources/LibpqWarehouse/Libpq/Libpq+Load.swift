import Diagnostics

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension Libpq {
  /// The library, opened at the first call.
  static func load() throws(DiagnosticsError) -> Libpq { try shared.get() }

  private static let shared = Result { () throws(DiagnosticsError) in try open() }

  private static func open() throws(DiagnosticsError) -> Libpq {
    var failures: [String] = []
    for name in candidates {
      if let library = dlopen(name, RTLD_NOW | RTLD_LOCAL) { return try Libpq(library: library) }
      if let reason = dlerror() { failures.append(String(cString: reason)) }
    }
    throw DiagnosticsError(missing(failures))
  }

  /// The library's file in the order in which it is looked for.
  private static var candidates: [String] {
    if let chosen = getenv("WHC_LIBPQ"), chosen.pointee != 0 { return [String(cString: chosen)] }
    #if canImport(Darwin)
      return [
        "libpq.5.dylib", "/opt/homebrew/opt/libpq/lib/libpq.5.dylib",
        "/usr/local/opt/libpq/lib/libpq.5.dylib", "/opt/homebrew/lib/libpq.5.dylib",
        "/usr/local/lib/libpq.5.dylib",
        "/Applications/Postgres.app/Contents/Versions/latest/lib/libpq.5.dylib",
      ]
    #else
      return ["libpq.so.5", "libpq.so"]
    #endif
  }

  private init(library: UnsafeMutableRawPointer) throws(DiagnosticsError) {
    /// The function of this name. Its type is the manual's, which the library's major number 5 stands for.
    func symbol<Function>(_ name: String) throws(DiagnosticsError) -> Function {
      guard let address = dlsym(library, name) else { throw DiagnosticsError(Self.tooOld(name)) }
      return unsafeBitCast(address, to: Function.self)
    }
    self.init(
      PQconnectStartParams: try symbol("PQconnectStartParams"),
      PQconnectPoll: try symbol("PQconnectPoll"),
      PQfinish: try symbol("PQfinish"),
      PQstatus: try symbol("PQstatus"),
      PQtransactionStatus: try symbol("PQtransactionStatus"),
      PQerrorMessage: try symbol("PQerrorMessage"),
      PQconnectionNeedsPassword: try symbol("PQconnectionNeedsPassword"),
      PQsocket: try symbol("PQsocket"),
      PQserverVersion: try symbol("PQserverVersion"),
      PQparameterStatus: try symbol("PQparameterStatus"),
      PQhost: try symbol("PQhost"),
      PQport: try symbol("PQport"),
      PQuser: try symbol("PQuser"),
      PQdb: try symbol("PQdb"),
      PQsetErrorVerbosity: try symbol("PQsetErrorVerbosity"),
      PQsetNoticeReceiver: try symbol("PQsetNoticeReceiver"),
      PQlibVersion: try symbol("PQlibVersion"),
      PQsendQuery: try symbol("PQsendQuery"),
      PQgetResult: try symbol("PQgetResult"),
      PQprepare: try symbol("PQprepare"),
      PQdescribePrepared: try symbol("PQdescribePrepared"),
      PQputCopyData: try symbol("PQputCopyData"),
      PQputCopyEnd: try symbol("PQputCopyEnd"),
      PQgetCopyData: try symbol("PQgetCopyData"),
      PQfreemem: try symbol("PQfreemem"),
      PQclear: try symbol("PQclear"),
      PQresultStatus: try symbol("PQresultStatus"),
      PQresultErrorField: try symbol("PQresultErrorField"),
      PQresultErrorMessage: try symbol("PQresultErrorMessage"),
      PQntuples: try symbol("PQntuples"),
      PQnfields: try symbol("PQnfields"),
      PQfname: try symbol("PQfname"),
      PQftype: try symbol("PQftype"),
      PQfmod: try symbol("PQfmod"),
      PQgetisnull: try symbol("PQgetisnull"),
      PQgetlength: try symbol("PQgetlength"),
      PQgetvalue: try symbol("PQgetvalue"),
      PQcmdStatus: try symbol("PQcmdStatus"),
      PQcmdTuples: try symbol("PQcmdTuples"),
      PQgetCancel: try symbol("PQgetCancel"),
      PQfreeCancel: try symbol("PQfreeCancel"),
      PQcancel: try symbol("PQcancel")
    )
  }
}

extension Libpq {
  private static func missing(_ reasons: [String]) -> Diagnostic {
    Diagnostic(
      "libpq-missing", "PostgreSQL's client library, libpq, could not be opened", notes: reasons,
      help: """
        install it: 'apt-get install libpq5' on Debian and Ubuntu, 'dnf install libpq' on Fedora, \
        'brew install libpq' on macOS; or name its file in the environment variable WHC_LIBPQ
        """)
  }

  private static func tooOld(_ function: String) -> Diagnostic {
    Diagnostic(
      "libpq-too-old", "PostgreSQL's client library has no function \(function)",
      help: "install libpq 12 or newer")
  }
}
