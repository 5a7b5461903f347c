import ProjectLoading
import Synchronization

@testable import AWS

/// Surroundings of a test: files, variables, and what is answered to requests, of which it keeps a record.
final class World: Sendable {
  private let sent = Mutex<[HTTPRequest]>([])
  private let paused = Mutex<[Double]>([])
  let time = Mutex(1_440_938_160.0)

  var requests: [HTTPRequest] { sent.withLock { $0 } }
  var pauses: [Double] { paused.withLock { $0 } }

  func surroundings(
    _ variables: [String: String] = [:], files: [String: String] = [:], commands: [String: String] = [:],
    answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse? = { _ in nil }
  ) -> Surroundings {
    Surroundings(
      variables: variables, home: "/home/me", read: { files[$0].map { Array($0.utf8) } },
      send: { [self] (request) throws(AWSError) in
        sent.withLock { $0.append(request) }
        guard let answer = answer(request) else { throw AWSError("nobody answers") }
        return answer
      },
      run: { (command) throws(AWSError) in
        guard let output = commands[command] else { throw AWSError("no such command") }
        return Array(output.utf8)
      },
      now: { [self] in time.withLock { $0 } },
      pause: { [self] seconds in paused.withLock { $0.append(seconds) } })
  }

  func client(
    _ variables: [String: String] = [:], profile: String? = nil, files: [String: String] = [:],
    commands: [String: String] = [:],
    answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse? = { _ in nil }
  ) throws -> AWSClient {
    let surroundings = surroundings(variables, files: files, commands: commands, answer: answer)
    return AWSClient(surroundings, try SharedConfiguration(surroundings, profile: profile))
  }
}

extension HTTPResponse {
  static func ok(_ text: String) -> HTTPResponse { HTTPResponse(status: 200, body: Array(text.utf8)) }
  static func refusal(_ status: Int, _ text: String) -> HTTPResponse {
    HTTPResponse(status: status, body: Array(text.utf8))
  }
}
