import Diagnostics
import Foundation
import ProjectLoading
import Synchronization

/// Serves the files of one folder to browsers on this machine: GET and HEAD, one request a connection.
///
/// It listens on the loopback interface unless told otherwise, and there answers only requests that name this machine,
/// so that a page from elsewhere cannot read the documentation through a name that points here.
final class StaticServer: Sendable {
  private let folder: String
  private let descriptor: Int32
  private let isStopped = Mutex(false)
  let port: UInt16
  /// What a browser calls the server.
  let name: String
  /// The names that requests may use; nil: any.
  private let names: Set<String>?

  /// - Parameters:
  ///   - host: an IPv4 address of this machine, or `localhost`.
  ///   - port: 0 for any that is free.
  /// - Throws: `bad-flag` for what is no address, `port-taken` when something else listens there.
  init(folder: String, host: String = "127.0.0.1", port: UInt16) throws(DiagnosticsError) {
    self.folder = folder
    var place = in_addr()
    guard inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &place) == 1 else {
      throw DiagnosticsError(
        Diagnostic(
          "bad-flag", "'\(host)' is no address to listen on",
          help: "--host takes localhost, or an address such as 127.0.0.1 or 0.0.0.0"))
    }
    let isLocal = UInt32(bigEndian: place.s_addr) >> 24 == 127
    names = isLocal ? ["localhost", host] : nil
    name = isLocal || place.s_addr == 0 ? "localhost" : host
    #if canImport(Glibc) || canImport(Musl)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    descriptor = socket(AF_INET, stream, 0)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr = place
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = self.descriptor
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 64) == 0
          && getsockname(descriptor, $0, &size) == 0
      }
    }
    self.port = UInt16(bigEndian: address.sin_port)
    guard descriptor >= 0, isBound else {
      let reason = String(cString: strerror(errno))
      throw DiagnosticsError(
        Diagnostic(
          "port-taken", "port \(port) cannot be listened on: \(reason)",
          help: "choose another one with --port"))
    }
  }

  // Closed earlier, its number could be another socket's by the time that somebody stops the server.
  deinit { close(descriptor) }

  /// Answers until ``stop()``; returns then.
  func run() {
    let queue = DispatchQueue(label: "whc.docs", attributes: .concurrent)
    while !isStopped.withLock({ $0 }) {
      let client = accept(descriptor, nil, nil)
      guard client >= 0 else {
        // A client that left is no matter; where there is no room for another one, there may be some soon.
        if errno != EINTR, errno != ECONNABORTED { usleep(10_000) }
        continue
      }
      queue.async { @Sendable [self] in
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        Self.send(answer(to: Self.request(from: client)), to: client)
        shutdown(client, Int32(SHUT_WR))
        close(client)
      }
    }
  }

  func stop() {
    isStopped.withLock { $0 = true }
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  /// The whole answer to the head of a request.
  func answer(to head: String) -> [UInt8] {
    let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return Self.message("400 Bad Request") }
    guard words[0] == "GET" || words[0] == "HEAD" else { return Self.message("405 Method Not Allowed") }
    let host = lines.first { $0.lowercased().hasPrefix("host:") }?.dropFirst(5).drop { $0 == " " } ?? ""
    let name = host.split(separator: ":").first.map { $0.lowercased() } ?? ""
    guard names?.contains(name) ?? true else { return Self.message("403 Forbidden") }
    var path = String(words[1].prefix { $0 != "?" && $0 != "#" })
    if path.hasSuffix("/") { path += "index.html" }
    let parts = path.split(separator: "/")
    guard !parts.contains(".."), !parts.contains(where: { $0.contains("%") }),
      let body = try? FileSystem.read(folder + "/" + parts.joined(separator: "/"))
    else { return Self.message("404 Not Found") }
    return Self.response("200 OK", type: Self.type(of: path), body, withBody: words[0] == "GET")
  }

  private static func type(of path: String) -> String {
    switch path.split(separator: ".").last {
    case "html": "text/html; charset=utf-8"
    case "json": "application/json"
    case "svg": "image/svg+xml"
    default: "text/plain; charset=utf-8"
    }
  }

  private static func message(_ status: String) -> [UInt8] {
    response(status, type: "text/plain; charset=utf-8", Array((status + "\n").utf8), withBody: true)
  }

  private static func response(_ status: String, type: String, _ body: [UInt8], withBody: Bool) -> [UInt8] {
    let head =
      "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n"
      + "Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    return Array(head.utf8) + (withBody ? body : [])
  }

  private static func request(from client: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 16_384 {
      let count = recv(client, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      bytes += buffer[..<count]
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.range(of: "\r\n\r\n") { return String(text[..<end.lowerBound]) }
    }
    return ""
  }

  private static func send(_ bytes: [UInt8], to client: Int32) {
    var rest = bytes[...]
    #if canImport(Darwin)
      let options: Int32 = 0
    #else
      let options = Int32(MSG_NOSIGNAL)
    #endif
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.send(client, $0.baseAddress, $0.count, options) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
