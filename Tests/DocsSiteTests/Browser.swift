import Foundation

/// A headless Chromium, where one is installed.
enum Browser {
  static let path: String? = {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let applications = [
      "/Applications/Chromium.app/Contents/MacOS/Chromium",
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ]
    let candidates = folders.flatMap { folder in names.map { "\(folder)/\($0)" } } + applications
    return candidates.first(where: FileManager.default.isExecutableFile)
  }()

  /// Opens `page` at `route`, runs `script` in it once it is drawn, and gives what the script reports.
  ///
  /// Besides what the script puts into `report`, there is `problems`: errors, refused requests and
  /// whatever the page loaded. Time in the page is virtual, so nothing waits for real.
  ///
  /// A browser that ends without any report, as one does that has crashed, is started again.
  static func report(
    page: [UInt8], route: String, width: Int = 1400, script: String
  ) throws -> [String: String] {
    var last = ""
    for _ in 1...4 {
      last = try dom(page: page, route: route, width: width, script: script)
      if let report = report(in: last) { return report }
    }
    return ["problems": "no report: " + String(last.prefix(2_000))]
  }

  /// What the document is in the end.
  private static func dom(page: [UInt8], route: String, width: Int, script: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "whc-docs-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let watch = """
      <script>
      const problems = [];
      addEventListener("error", (event) => problems.push("error " + event.message));
      addEventListener("unhandledrejection", (event) => problems.push("rejection " + event.reason));
      addEventListener("securitypolicyviolation", (event) => problems.push("refused " + event.blockedURI));
      console.error = (...words) => problems.push("console " + words.join(" "));
      const hacked = () => problems.push("hacked");
      </script>
      """
    let drive = """
      <script>
      setTimeout(async () => {
        const report = {};
        const wait = (time) => new Promise((done) => setTimeout(done, time));
        // Waits for what comes when the browser is ready for it: frames, opened texts.
        const until = async (holds) => { for (let turn = 0; turn < 100 && !holds(); turn++) await wait(20); };
        await until(() => window.whc);
        try { \(script) } catch (error) { problems.push("script " + error); }
        performance.getEntriesByType("resource").forEach((entry) => problems.push("loaded " + entry.name));
        report.problems = problems.join("; ");
        const lines = Object.entries(report).map(([key, value]) => key + "=" + encodeURIComponent(String(value)));
        document.body.textContent = "REPORT " + lines.join(" ") + " END";
      }, 300);
      </script>
      """
    var text = String(decoding: page, as: UTF8.self)
    text = text.replacing("<head>", with: "<head>" + watch, maxReplacements: 1)
    if let end = text.range(of: "</body>", options: .backwards) {
      text.insert(contentsOf: drive, at: end.lowerBound)
    }
    let file = folder.appending(path: "index.html")
    try Data(text.utf8).write(to: file)

    let process = Process()
    process.executableURL = URL(fileURLWithPath: path ?? "")
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
      "--user-data-dir=\(folder.path)/profile", "--window-size=\(width),900", "--virtual-time-budget=8000",
      "--dump-dom", file.absoluteString + route,
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }

  private static func report(in dom: String) -> [String: String]? {
    guard let start = dom.range(of: "REPORT "),
      let end = dom.range(of: " END", range: start.upperBound..<dom.endIndex)
    else { return nil }
    var report: [String: String] = [:]
    for pair in dom[start.upperBound..<end.lowerBound].split(separator: " ") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      report[String(parts[0])] = parts.count > 1 ? String(parts[1]).removingPercentEncoding : ""
    }
    return report
  }
}
