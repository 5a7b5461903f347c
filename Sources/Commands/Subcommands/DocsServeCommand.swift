import ArgumentParser
import Diagnostics
import Foundation
import ProjectLoading

/// `whc docs serve`: the page at an address of this machine.
struct DocsServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve the page that 'whc docs' wrote, on this machine only")

  @Option(help: "Port to listen on; 0 for any that is free") var port: UInt16 = 8080
  @Option(help: "Address of this machine to listen on") var host = "127.0.0.1"
  @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Open a browser (default: on a terminal)")
  var browser: Bool?
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await Command.plain("serve", global) { console in
      let (project, _) = try ProjectStage(console.flags).definition()
      let target = console.flags.targetPath ?? project.targetPath
      let folder = target.hasPrefix("/") ? target : project.rootPath + "/" + target
      guard FileSystem.isFile(folder + "/index.html") else {
        throw DiagnosticsError(
          Diagnostic("no-docs", "there is no index.html in \(folder)", help: "'whc docs' writes it"))
      }
      let server = try StaticServer(folder: folder, host: host, port: port)
      let address = "http://\(server.name):\(server.port)"
      console.print("Serving \(folder) at \(address)\nPress Ctrl+C to end.")
      if browser ?? console.output.isInteractive { open(address) }
      let interrupt = Interrupt { server.stop() }
      await withCheckedContinuation { continuation in
        DispatchQueue.global().async { @Sendable in
          server.run()
          continuation.resume()
        }
      }
      interrupt.release()
    }
  }

  private func open(_ address: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    #if canImport(Darwin)
      process.arguments = ["open", address]
    #else
      process.arguments = ["xdg-open", address]
    #endif
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    // Without a browser the address on the terminal is enough.
    try? process.run()
  }
}
