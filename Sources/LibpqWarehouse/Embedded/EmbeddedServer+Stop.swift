import Diagnostics
import Warehouse

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension EmbeddedServer {
  func statusBlocking() -> Status {
    let layout = ServerLayout.recorded(project: project, port: options.port)
    guard ServerFiles.status(layout.data) != nil else { return .absent }
    guard isOurs(layout), let session = try? session(layout, "postgres") else {
      return .stopped(folder: layout.base)
    }
    defer { session.close() }
    let version = (try? session.run("show server_version").scalar) ?? ""
    return .running(
      Running(
        folder: layout.base, socketFolder: layout.socket, port: options.port, pid: postmasterPID(layout),
        version: String(version.prefix { $0 != " " })))
  }

  func stopBlocking() throws -> Bool {
    let layout = ServerLayout.recorded(project: project, port: options.port)
    guard ServerFiles.status(layout.data) != nil else { return false }
    let stopped = try FileLock.hold(layout.lock, seconds: 120) { try stopHoldingLock(layout) }
    guard let stopped else { throw DiagnosticsError(Self.busy(layout)) }
    return stopped
  }

  private func stopHoldingLock(_ layout: ServerLayout) throws -> Bool {
    guard let pid = postmasterPID(layout), isServer(pid, layout) else { return false }
    // Fast: open transactions are rolled back. Then at once, which costs a recovery at the next start.
    for (signal, seconds) in [(SIGINT, 30), (SIGQUIT, 10)] {
      guard kill(pid, signal) == 0 else { break }
      if waitForEnd(of: pid, seconds: seconds) { return true }
    }
    guard waitForEnd(of: pid, seconds: 0) else {
      throw DiagnosticsError(Self.failed(layout, "process \(pid) does not stop"))
    }
    return true
  }

  private func waitForEnd(of pid: pid_t, seconds: Int) -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(seconds)
    repeat {
      // A child of ours stays as a zombie until it is waited for.
      _ = waitpid(pid, nil, WNOHANG)
      if kill(pid, 0) != 0, errno == ESRCH { return true }
      usleep(5_000)
    } while clock.now < deadline
    return false
  }

  /// The number in the first line of `postmaster.pid`.
  func postmasterPID(_ layout: ServerLayout) -> pid_t? { Self.firstNumber(layout.pidFile) }

  /// The number in a file's first line.
  static func firstNumber(_ path: String) -> pid_t? {
    ServerFiles.text(path)?.split(separator: "\n").first
      .flatMap { pid_t($0.drop { $0 == " " }.prefix { $0.isNumber }) }
  }

  /// Whether the process is this cluster's server rather than one that got its number later.
  func isServer(_ pid: pid_t, _ layout: ServerLayout) -> Bool {
    guard pid > 1 else { return false }
    #if canImport(Darwin)
      return ChildProcess(["/bin/ps", "-o", "command=", "-p", String(pid)]).run().output.contains(layout.data)
    #else
      let words = (ServerFiles.text("/proc/\(pid)/cmdline") ?? "").split(separator: "\0")
      return words.contains { $0 == layout.data[...] }
    #endif
  }
}

extension EmbeddedServer {
  static func busy(_ layout: ServerLayout) -> Diagnostic {
    Diagnostic(
      "embedded-busy", "another whc has been starting or stopping the project's server for two minutes",
      help: "if none is running any more, remove '\(layout.lock)'")
  }

  static func unwritable(_ folder: String, _ reason: String) -> Diagnostic {
    Diagnostic(
      "embedded-folder", "the folder of the project's server cannot be made", notes: [reason],
      help: "make '\(folder)' writable, or name a server of yours in profiles.yml")
  }

  static func notYours(_ layout: ServerLayout) -> Diagnostic {
    Diagnostic(
      "embedded-not-yours", "the project's server belongs to another user",
      notes: ["it lies in \(layout.base)"],
      help: "run whc as the user who made it, or move that folder away to begin with an empty server")
  }

  static func noAccount() -> Diagnostic {
    Diagnostic(
      "embedded-no-account", "PostgreSQL does not run as root, and there is no other way to run it here",
      notes: ["neither a user 'postgres' or 'nobody' that 'setpriv' could change to, nor user namespaces"],
      help: "run whc as a normal user, or name a server of yours in profiles.yml")
  }

  static func initialisationFailed(_ layout: ServerLayout, _ outcome: ChildProcess.Outcome) -> Diagnostic {
    Diagnostic(
      "embedded-init-failed", "the project's server could not be made in '\(layout.base)'",
      notes: outcome.output.split(separator: "\n").suffix(12).map(String.init),
      help: outcome.output.contains("No space left")
        ? "free some disk space: an empty server takes about 40 MB"
        : "the lines above are from 'initdb'; nothing was left behind, so it can be tried again")
  }

  static func failed(_ layout: ServerLayout, _ reason: String) -> Diagnostic {
    let tail = ServerFiles.tail(layout.log)
    return Diagnostic(
      "embedded-start-failed", "the project's server did not start: \(reason)", notes: tail,
      help: tail.contains { $0.contains("No space left") }
        ? "free some disk space and try again"
        : "the lines above are the end of '\(layout.log)'")
  }
}
