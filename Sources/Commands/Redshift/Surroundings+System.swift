import AWS
import Diagnostics
import Foundation

extension Surroundings {
  /// The system as it is: HTTP by curl, command lines by the shell.
  static func system(_ environment: [String: String]) -> Surroundings {
    Surroundings(
      variables: environment, home: environment["HOME"] ?? NSHomeDirectory(),
      read: { FileManager.default.contents(atPath: $0).map(Array.init) }, send: Self.send, run: Self.run,
      now: { Clock.now() }, pause: { Thread.sleep(forTimeInterval: $0) })
  }

  private static let curl = ExternalProgram(name: "curl", purpose: "requests to AWS")

  @Sendable private static func send(_ request: HTTPRequest) throws(AWSError) -> HTTPResponse {
    let answer: CurlFile.Answer
    do throws(DiagnosticsError) {
      answer = try CurlFile.inScratch { (file, folder) throws(DiagnosticsError) in
        file.set("url", request.url)
        file.set("request", request.method)
        for header in request.headers { file.set("header", "\(header.name): \(header.value)") }
        if !request.body.isEmpty {
          // Nobody waits for a server's permission to send.
          file.set("header", "Expect:")
          try file.setBody(request.body, in: folder)
        }
        file.set("connect-timeout", "\(min(request.patience, 10))")
        file.set("max-time", "\(request.patience)")
        for option in ["globoff", "path-as-is", "show-error"] { file.set(option) }
        file.avoidProxies(for: request.host)
        return try file.fetch(by: curl, in: folder)
      }
    } catch {
      throw AWSError(error.diagnostics.first?.summary ?? "no answer", help: error.diagnostics.first?.help)
    }
    return HTTPResponse(status: answer.status, body: Array(answer.body))
  }

  @Sendable private static func run(_ command: String) throws(AWSError) -> [UInt8] {
    do throws(DiagnosticsError) {
      let shell = ExternalProgram(name: "sh", purpose: "a credential_process")
      let outcome = try shell.run(["-c", command], in: FileManager.default.currentDirectoryPath)
      guard outcome.isSuccess else {
        throw DiagnosticsError(Diagnostic("io-error", "the credential_process ends with \(outcome.code)"))
      }
      return Array(outcome.output.utf8)
    } catch {
      throw AWSError(error.diagnostics.first?.summary ?? "the credential_process cannot be run")
    }
  }
}
