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
  func startBlocking(database: String) throws -> (settings: PostgresSettings, arrival: Arrival) {
    // The usual case: it runs already, and one connection tells.
    let known = ServerLayout.recorded(project: project, port: options.port)
    if try reach(known, database) { return (settings(known, database), .found) }

    try prepareControlFolder(known)
    let started = try FileLock.hold(known.lock, seconds: 120) { try startHoldingLock(database) }
    guard let started else { throw DiagnosticsError(Self.busy(known)) }
    return started
  }

  private func startHoldingLock(
    _ database: String
  ) throws -> (settings: PostgresSettings, arrival: Arrival) {
    // Whoever held the lock may have started it meanwhile.
    let recorded = ServerLayout.recorded(project: project, port: options.port)
    if try reach(recorded, database) { return (settings(recorded, database), .found) }

    let (layout, account) = try place(recorded)
    ServerFiles.write(layout.recordText, to: layout.record)
    let isNew = ServerFiles.status(layout.data + "/PG_VERSION") == nil
    let binaries = try makeCluster(layout, account)
    if options.endsWithProcess { watchOver(layout) }
    try launch(layout, account, binaries)
    guard try reach(layout, database) else {
      throw DiagnosticsError(Self.failed(layout, "it does not answer"))
    }
    return (settings(layout, database), isNew ? .made : .started)
  }

  func settings(_ layout: ServerLayout, _ database: String) -> PostgresSettings {
    var settings = PostgresSettings(
      host: layout.socket, port: options.port, user: Self.role, dbname: database)
    // A server that lost a process to kill -9 takes a moment to recover.
    settings.retries = 2
    // What the environment says of other servers must not reach this one.
    settings.sslmode = "disable"
    return settings
  }

  // MARK: Asking

  /// Connects to the database, which is made when it is missing.
  ///
  /// - Returns: false when no server answers.
  private func reach(_ layout: ServerLayout, _ database: String) throws -> Bool {
    guard isOurs(layout) else { return false }
    do {
      try session(layout, database).close()
      return true
    } catch let error as WarehouseError {
      switch error.sqlState {
      case "3D000":
        try makeDatabase(database, layout)
        return true
      // No socket, a socket nobody listens at, or a server that starts or stops.
      case nil, "57P03": return false
      default: throw error
      }
    }
  }

  private func makeDatabase(_ name: String, _ layout: ServerLayout) throws {
    let session = try session(layout, "postgres")
    defer { session.close() }
    do {
      _ = try session.run("create database \(Dialect.postgres.quote(name))")
    } catch {
      // Another process was quicker.
      guard ["42P04", "23505"].contains(error.sqlState) else { throw error }
    }
  }

  func session(_ layout: ServerLayout, _ database: String) throws -> LibpqSession {
    var settings = settings(layout, database)
    // A machine that is busy is slow to answer and must not be taken for one without a server.
    settings.connectTimeout = 30
    return try LibpqSession(settings, kind: .postgres, cancelHandle: CancelHandle())
  }

  /// True when the socket's folder is there and nobody else could have put it there.
  func isOurs(_ layout: ServerLayout) -> Bool {
    guard let status = ServerFiles.status(layout.socket), status.isFolder, status.mode & 0o077 == 0 else {
      return false
    }
    let owner = ServerFiles.status(layout.data)?.owner
    return status.owner == geteuid() || (geteuid() == 0 && status.owner == owner)
  }

  // MARK: Preparing

  private func prepareControlFolder(_ layout: ServerLayout) throws(DiagnosticsError) {
    do {
      try ServerFiles.makeFolder(layout.control)
      let ignore = layout.control + "/.gitignore"
      if ServerFiles.status(ignore) == nil { ServerFiles.write("*\n", to: ignore) }
    } catch {
      throw DiagnosticsError(Self.unwritable(layout.control, "\(error)"))
    }
  }

  /// Decides where the cluster lies and whom its programs run as, and makes the folders.
  private func place(_ recorded: ServerLayout) throws(DiagnosticsError) -> (ServerLayout, ServerAccount) {
    if let status = ServerFiles.status(recorded.data) {
      let account = ServerAccount.owning(status)
      if account == .own, status.owner != geteuid() { throw DiagnosticsError(Self.notYours(recorded)) }
      return (try withFolders(recorded, account), account)
    }
    guard geteuid() == 0 else {
      // A folder made by root hides what is in it.
      if let status = ServerFiles.status(recorded.base), status.owner != geteuid() {
        throw DiagnosticsError(Self.notYours(recorded))
      }
      return (try withFolders(recorded, .own), .own)
    }
    guard !ServerAccount.unprivilegedUsers().isEmpty else { throw DiagnosticsError(Self.noAccount()) }
    for user in ServerAccount.unprivilegedUsers() where user.canEnter(recorded.control) {
      return (try withFolders(recorded, user), user)
    }
    if ServerAccount.namespace.canEnter(recorded.control) {
      return (try withFolders(recorded, .namespace), .namespace)
    }
    for base in ServerLayout.awayFrom(project: project) {
      let layout = ServerLayout(project: project, base: base, port: options.port)
      for user in ServerAccount.unprivilegedUsers() {
        guard let made = try? withFolders(layout, user), user.canEnter(made.base) else { continue }
        return (made, user)
      }
    }
    throw DiagnosticsError(Self.noAccount())
  }

  private func withFolders(
    _ layout: ServerLayout, _ account: ServerAccount
  ) throws(DiagnosticsError) -> ServerLayout {
    var layout = layout
    do {
      try ServerFiles.makeFolder(layout.base, mode: 0o700, owner: account.owner)
      var attempt = 0
      let wished = layout.socket
      while true {
        try ServerFiles.makeFolder(layout.socket, mode: 0o700, owner: account.owner)
        let status = ServerFiles.status(layout.socket)
        // A folder in a place open to all may have been put there by somebody else.
        if status?.isFolder == true, status?.owner == account.owner?.0 ?? geteuid(), status?.mode == 0o700 {
          return layout
        }
        attempt += 1
        guard attempt < 10 else { throw ChildProcess.Failure(reason: "\(wished) belongs to somebody else") }
        layout.socket = wished + "-\(attempt)"
      }
    } catch {
      throw DiagnosticsError(Self.unwritable(layout.base, "\(error)"))
    }
  }

  private func makeCluster(
    _ layout: ServerLayout, _ account: ServerAccount
  ) throws(DiagnosticsError) -> ServerBinaries {
    if let version = ServerFiles.text(layout.data + "/PG_VERSION") {
      return try ServerBinaries.find(configured: options.binaries, major: Int(version.filter(\.isNumber)))
    }
    let binaries = try ServerBinaries.find(configured: options.binaries, major: nil)
    // A folder without PG_VERSION is what a killed initdb left.
    ServerFiles.remove(layout.unfinishedData)
    if ServerFiles.status(layout.data) != nil { ServerFiles.remove(layout.data) }
    var command = [
      binaries.path("initdb"), "--pgdata", layout.unfinishedData, "--username", Self.role, "--auth", "trust",
      "--encoding", "UTF8", "--locale", "C", "--lc-ctype", Self.characterType(),
    ]
    if !options.isDurable { command.append("--no-sync") }
    let outcome = account.run(command)
    guard outcome.isSuccess, ServerFiles.rename(layout.unfinishedData, to: layout.data) else {
      ServerFiles.remove(layout.unfinishedData)
      throw DiagnosticsError(Self.initialisationFailed(layout, outcome))
    }
    return binaries
  }

  /// A locale that knows upper and lower case of all letters but sorts by bytes.
  private static func characterType() -> String {
    for name in ["C.UTF-8", "C.utf8", "en_US.UTF-8"] {
      if let locale = newlocale(LC_CTYPE_MASK, name, nil) {
        freelocale(locale)
        return name
      }
    }
    return "C"
  }

  // MARK: Launching

  private func launch(
    _ layout: ServerLayout, _ account: ServerAccount, _ binaries: ServerBinaries
  ) throws {
    forgetDeadServer(layout)
    if ServerFiles.size(layout.log) > 10 << 20 { ServerFiles.remove(layout.log) }
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(90)
    let command = account.command([binaries.path("postgres"), "-D", layout.data] + arguments(layout))
    while true {
      let pid: pid_t
      switch ChildProcess(command).detach(log: layout.log) {
      case .success(let started): pid = started
      case .failure(let failure): throw DiagnosticsError(Self.failed(layout, failure.reason))
      }
      while clock.now < deadline {
        if try answers(layout) { return }
        if let code = ChildProcess.hasEnded(pid) {
          // Backends of a killed server end by themselves within moments, and hold the shared memory until
          // then.
          let isHeld = ServerFiles.tail(layout.log, lines: 4).contains { $0.contains("shared memory block") }
          guard isHeld, clock.now < deadline else {
            throw DiagnosticsError(Self.failed(layout, "it ended with code \(code)"))
          }
          usleep(200_000)
          break
        }
        usleep(5_000)
      }
      guard clock.now < deadline else {
        throw DiagnosticsError(Self.failed(layout, "it did not answer within 90 seconds"))
      }
    }
  }

  private func answers(_ layout: ServerLayout) throws -> Bool {
    guard ServerFiles.status(layout.socket + "/.s.PGSQL.\(options.port)") != nil else { return false }
    do {
      try session(layout, "postgres").close()
      return true
    } catch is WarehouseError {
      return false
    }
  }

  /// The server refuses to start while a file of an earlier one names a living process: also one that got
  /// the number since, or a dead one that nobody has waited for, as happens in containers.
  ///
  /// `postmaster.pid` is kept, with the number of a process that has ended: by its other lines the server
  /// finds processes of its own that outlived a kill -9 and still write.
  private func forgetDeadServer(_ layout: ServerLayout) {
    let socketLock = layout.socket + "/.s.PGSQL.\(options.port).lock"
    if let pid = Self.firstNumber(socketLock), !isServer(pid, layout) { unlink(socketLock) }
    guard let pid = postmasterPID(layout), !isServer(pid, layout) else { return }
    // If it was started by this process, nobody else will wait for it.
    _ = waitpid(pid, nil, WNOHANG)
    guard let text = ServerFiles.text(layout.pidFile),
      let dead = ChildProcess(["/bin/sh", "-c", "exit 0"]).runForPID()
    else { return }
    let rest = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
    ServerFiles.overwrite(layout.pidFile, ([String(dead)] + rest.map(String.init)).joined(separator: "\n"))
  }

  /// The settings of a warehouse on one machine, given at each start so that a new whc brings new ones.
  private func arguments(_ layout: ServerLayout) -> [String] {
    var settings: [(String, String)] = [
      ("listen_addresses", options.listensOnLoopback ? "127.0.0.1" : ""),
      ("port", String(options.port)),
      ("unix_socket_directories", layout.socket),
      // Programs under test keep many sessions open at once.
      ("max_connections", options.isDurable ? "100" : "400"),
      ("shared_buffers", options.isDurable ? "256MB" : "64MB"),
      ("work_mem", "64MB"),
      ("maintenance_work_mem", "256MB"),
      ("max_wal_size", "4GB"),
      ("checkpoint_timeout", "15min"),
      // A committed load may be lost when the machine stops, never half of one; it is built again from its
      // sources.
      ("synchronous_commit", "off"),
      // Without a replica a table's first load need not go through the log.
      ("wal_level", "minimal"),
      ("max_wal_senders", "0"),
      ("random_page_cost", "1.1"),
      ("jit", "off"),
      ("lc_messages", "C"),
      ("log_destination", "stderr"),
      ("logging_collector", "off"),
      ("log_checkpoints", "off"),
    ]
    if !options.isDurable { settings += [("fsync", "off"), ("full_page_writes", "off")] }
    settings += options.settings.sorted { $0.key < $1.key }
    return settings.flatMap { ["-c", "\($0.0)=\($0.1)"] }
  }

  /// Starts a process that waits for the end of this one, by the pipe that then closes, and clears up after
  /// it.
  private func watchOver(_ layout: ServerLayout) {
    guard let (reading, writing) = ChildProcess.pipe() else { return }
    // The writing end stays open for as long as this process lives, and is closed by nobody.
    let script = """
      cd /; read -r _
      pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
      for signal in INT QUIT KILL; do
        kill -$signal "$pid" 2>/dev/null || break
        waits=0
        while kill -0 "$pid" 2>/dev/null && [ $waits -lt 50 ]; do
          sleep 0.1
          waits=$((waits + 1))
        done
      done
      rm -rf "$1" "$2" "$3"
      """
    _ = ChildProcess(["/bin/sh", "-c", script, "sh", layout.base, layout.socket, project])
      .detach(input: reading)
    close(reading)
    _ = writing
  }
}
