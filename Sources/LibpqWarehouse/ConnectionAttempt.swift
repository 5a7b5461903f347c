import Warehouse

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// One try to connect. Polled rather than left to `PQconnectdb`, so that the server's refusal can be asked
/// for with its SQLSTATE, which libpq otherwise keeps to itself while connecting.
struct ConnectionAttempt {
  var libpq: Libpq
  var settings: PostgresSettings

  func connect() throws(WarehouseError) -> OpaquePointer {
    let keywords = settings.keywords
    if let (keyword, _) = keywords.first(where: { $0.1.utf8.contains(0) }) {
      throw refusal("the profile's \(keyword) holds a NUL byte", sqlState: nil)
    }
    guard let conn = start(keywords) else { throw refusal("out of memory", sqlState: nil) }
    _ = libpq.PQsetErrorVerbosity(conn, Libpq.Verbosity.verbose)
    let ending = poll(conn)
    if ending == .cancelled {
      libpq.PQfinish(conn)
      throw .cancelled
    }
    guard ending == .connected else {
      let text = libpq.PQerrorMessage(conn).map { String(cString: $0) } ?? ""
      var (message, sqlState) = ConnectionRefusal.parse(text)
      if ending == .tooLate { message = "no answer within \(settings.connectTimeout) seconds" }
      // The server asked for a password and there was none to send: libpq's own words, without a code.
      if sqlState == nil, libpq.PQconnectionNeedsPassword(conn) == 1 { sqlState = "28P01" }
      let host = libpq.PQhost(conn).map { String(cString: $0) }
      let port = libpq.PQport(conn).flatMap { Int(String(cString: $0)) }
      libpq.PQfinish(conn)
      throw refusal(message, sqlState: sqlState, host: host, port: port)
    }
    _ = libpq.PQsetErrorVerbosity(conn, Libpq.Verbosity.standard)
    return conn
  }

  private func start(_ keywords: [(String, String)]) -> OpaquePointer? {
    let names = keywords.map { strdup($0.0) }
    let values = keywords.map { strdup($0.1) }
    defer { (names + values).forEach { free($0) } }
    let nameList: [UnsafePointer<CChar>?] = names.map { UnsafePointer($0) } + [nil]
    let valueList: [UnsafePointer<CChar>?] = values.map { UnsafePointer($0) } + [nil]
    return libpq.PQconnectStartParams(nameList, valueList, 0)
  }

  private enum Ending { case connected, refused, tooLate, cancelled }
  /// Milliseconds between two looks at whether the task was cancelled.
  private static let slice: CInt = 100

  private func poll(_ conn: OpaquePointer) -> Ending {
    guard libpq.PQstatus(conn) != Libpq.ConnectionStatus.bad else { return .refused }
    let clock = ContinuousClock()
    let deadline =
      settings.connectTimeout > 0
      ? clock.now + .seconds(max(settings.connectTimeout, 2)) : nil
    var step = Libpq.PollingStatus.writing
    while true {
      switch step {
      case Libpq.PollingStatus.ok: return .connected
      case Libpq.PollingStatus.failed: return .refused
      default: break
      }
      if Task.isCancelled { return .cancelled }
      var milliseconds = Self.slice
      if let deadline {
        let left = clock.now.duration(to: deadline).components
        let rest = CInt(clamping: left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000)
        if rest <= 0 { return .tooLate }
        milliseconds = min(milliseconds, rest)
      }
      let events = Int16(step == Libpq.PollingStatus.reading ? POLLIN : POLLOUT)
      var descriptor = pollfd(fd: libpq.PQsocket(conn), events: events, revents: 0)
      let ready = systemPoll(&descriptor, 1, milliseconds)
      if ready < 0, errno == EINTR { continue }
      if ready < 0 { return .refused }
      if ready == 0 { continue }
      step = libpq.PQconnectPoll(conn)
    }
  }

  private func refusal(
    _ message: String, sqlState: String?, host: String? = nil, port: Int? = nil
  ) -> WarehouseError {
    let named = host.flatMap { $0.isEmpty ? nil : $0 } ?? settings.host ?? ""
    return .cannotConnect(
      host: named, port: port ?? settings.port ?? 5432, message: message, sqlState: sqlState)
  }
}

private func systemPoll(_ descriptors: UnsafeMutablePointer<pollfd>, _ count: nfds_t, _ timeout: CInt) -> CInt
{
  poll(descriptors, count, timeout)
}

/// What libpq says of a refused connection, in its verbose form, taken apart.
enum ConnectionRefusal {
  /// `connection to server at "h", port 1 failed: FATAL:  28P01: password authentication failed\nLOCATION:
  /// auth_failed, auth.c:335` gives the message without place, code and location, and the code.
  ///
  /// Where libpq tried more than one address, or with TLS and without, equal answers are given once.
  static func parse(_ text: String) -> (message: String, sqlState: String?) {
    var sqlState: String?
    var lines: [String] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("LOCATION:") {
      let (code, plain) = withoutCode(line) ?? (nil, String(line))
      sqlState = code ?? sqlState
      if !lines.contains(plain) { lines.append(plain) }
    }
    let places = Set(lines.compactMap { place(of: $0) })
    // One place is what the caller names anyway.
    if places.count == 1, let place = places.first {
      lines = lines.map { $0.hasPrefix(place) ? String($0.dropFirst(place.count)) : $0 }
    }
    let trimmed = lines.map { String($0.drop { $0 == "\t" || $0 == " " }) }
    return (trimmed.joined(separator: "\n"), sqlState)
  }

  /// `connection to server at "localhost" (::1), port 5432 failed: `
  private static func place(of line: String) -> String? {
    guard line.hasPrefix("connection to server "), let end = line.firstRange(of: " failed: ") else {
      return nil
    }
    return String(line[..<end.upperBound])
  }

  /// A line that holds `:  XXXXX: `; the severity before it may be in any language.
  private static func withoutCode(_ line: Substring) -> (code: String, line: String)? {
    let bytes = Array(line.utf8)
    let (colon, space) = (UInt8(ascii: ":"), UInt8(ascii: " "))
    guard bytes.count >= 10 else { return nil }
    for start in 0...(bytes.count - 10) {
      guard bytes[start] == colon, bytes[start + 1] == space, bytes[start + 2] == space else { continue }
      let code = bytes[(start + 3)..<(start + 8)]
      guard bytes[start + 8] == colon, bytes[start + 9] == space,
        code.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
      else { continue }
      let plain = bytes[..<(start + 1)] + bytes[(start + 9)...]
      return (String(decoding: code, as: UTF8.self), String(decoding: plain, as: UTF8.self))
    }
    return nil
  }
}
