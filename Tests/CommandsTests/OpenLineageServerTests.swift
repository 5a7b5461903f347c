import Diagnostics
import Foundation
import ProjectModel
import Runner
import Synchronization
import Testing

@testable import Commands

/// Events on their way to servers of all kinds; the key that they are sent with is seen by the server alone.
@Suite struct OpenLineageServerTests {
  private static let key = "k-5f2c91"

  /// Sends the events of a command of one model.
  ///
  /// - Returns: the warnings at the end.
  private static func send(toPort port: UInt16, patience: Int = 8) throws -> [Diagnostic] {
    let environment = [
      "OPENLINEAGE_URL": "http://127.0.0.1:\(port)", "OPENLINEAGE_API_KEY": key, "HOME": "/nowhere",
    ]
    let flags = Flags(try GlobalOptions.parse([]), environment: environment, folder: "/nowhere")
    var settings = try #require(try OpenLineageSettings(nil, flags))
    settings.patience = patience
    #expect(!String(reflecting: settings).contains(key))
    let reporter = OpenLineageReporter(OpenLineageEventsTests.events(), settings)
    let node = NodeID(.model, package: "shop", name: "stg")
    reporter.receive(.started(node, position: 1))
    reporter.receive(.finished(NodeResult(node: node, status: .success), position: 1))
    let warnings = reporter.finish(isSuccess: true, wasCancelled: false)
    #expect(!warnings.contains { $0.json.contains(key) })
    return warnings
  }

  @Test func eachEventArrivesOnce() throws {
    let server = try LineageServer(.status("201 Created"))
    defer { server.stop() }
    #expect(try Self.send(toPort: server.port).isEmpty)
    let requests = server.requests
    for request in requests {
      #expect(request.head.hasPrefix("POST /api/v1/lineage HTTP/1.1\r\n"))
      #expect(request.head.contains("\r\nAuthorization: Bearer \(Self.key)\r\n"))
      #expect(request.head.contains("\r\nContent-Type: application/json\r\n"))
      #expect(!request.body.contains(Self.key))
    }
    let events = try requests.map {
      try #require(JSONSerialization.jsonObject(with: Data($0.body.utf8)) as? [String: Any])
    }
    #expect(events.map { $0["eventType"] as? String } == ["START", "START", "COMPLETE", "COMPLETE"])
    let jobs = events.map { ($0["job"] as? [String: Any])?["name"] as? String }
    #expect(jobs[0] == jobs[3] && jobs[1] == jobs[2] && jobs[0] != jobs[1])
  }

  @Test func aServerInTroubleIsToldOfOnceAndAskedNoMore() throws {
    let server = try LineageServer(.status("500 Internal Server Error"))
    defer { server.stop() }
    let warnings = try Self.send(toPort: server.port)
    #expect(warnings.map(\.code) == ["openlineage-unsent"])
    #expect(
      warnings.first?.summary == "OpenLineage events did not reach 127.0.0.1: it answers 500")
    #expect(server.requests.count == 1)
  }

  @Test func silenceAndAbsenceEndInAWarning() throws {
    let server = try LineageServer(.nothing)
    let silent = try Self.send(toPort: server.port, patience: 1)
    #expect(silent.first?.summary.hasSuffix("it takes too long to answer") == true)
    server.stop()
    let absent = try Self.send(toPort: server.port)
    #expect(absent.first?.summary.hasSuffix("nothing listens there") == true)
  }
}

/// A server on the loopback interface that keeps what it is sent.
private final class LineageServer: Sendable {
  enum Answer: Sendable {
    /// A number and words.
    case status(String)
    /// The request is read, and that is all.
    case nothing
  }

  struct Request: Sendable {
    var head: String
    var body: String
  }

  let port: UInt16
  private let descriptor: Int32
  private let answer: Answer
  private let kept = Mutex<[Request]>([])
  /// Connections that nobody answers.
  private let open = Mutex<[Int32]>([])
  private let ended = DispatchSemaphore(value: 0)

  var requests: [Request] { kept.withLock { $0 } }

  init(_ answer: Answer) throws {
    self.answer = answer
    #if canImport(Glibc) || canImport(Musl)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    let descriptor = socket(AF_INET, stream, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0
          && getsockname(descriptor, $0, &size) == 0
      }
    }
    try #require(isBound)
    port = UInt16(bigEndian: address.sin_port)
    self.descriptor = descriptor
    Thread.detachNewThread { [self] in
      while true {
        let client = accept(descriptor, nil, nil)
        guard client >= 0 else { break }
        serve(client)
      }
      ended.signal()
    }
  }

  /// Nothing listens on the port afterwards.
  func stop() {
    shutdown(descriptor, Int32(SHUT_RDWR))
    ended.wait()
    close(descriptor)
    open.withLock { $0 }.forEach { close($0) }
  }

  private func serve(_ client: Int32) {
    var bytes: [UInt8] = []
    var head: String?
    var wanted = Int.max
    while bytes.count < wanted {
      var chunk = [UInt8](repeating: 0, count: 1 << 14)
      let count = recv(client, &chunk, chunk.count, 0)
      guard count > 0 else { break }
      bytes += chunk.prefix(count)
      guard head == nil, let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
      let text = String(decoding: bytes[..<end.upperBound], as: UTF8.self)
      head = text
      let length = text.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
      wanted = end.upperBound + (length.flatMap { Int($0.dropFirst(15).trimming) } ?? 0)
      if text.lowercased().contains("expect: 100-continue") {
        say("HTTP/1.1 100 Continue\r\n\r\n", to: client)
      }
    }
    let body = String(decoding: bytes.dropFirst(head?.utf8.count ?? 0), as: UTF8.self)
    kept.withLock { $0.append(Request(head: head ?? "", body: body)) }
    switch answer {
    case .status(let status):
      say("HTTP/1.1 \(status)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", to: client)
      close(client)
    case .nothing: open.withLock { $0.append(client) }
    }
  }

  private func say(_ text: String, to client: Int32) {
    let bytes = Array(text.utf8)
    _ = send(client, bytes, bytes.count, 0)
  }
}

extension Substring {
  fileprivate var trimming: String { trimmingCharacters(in: .whitespaces) }
}
