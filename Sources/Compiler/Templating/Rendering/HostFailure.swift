import Diagnostics

/// What a function of the context throws: a diagnostic without its place, which the interpreter knows.
struct HostFailure: Error {
  var code: DiagnosticCode
  var summary: String
  var label: String?
  var help: String?
  var notes: [String] = []
  var statement: String?

  init(
    _ code: DiagnosticCode, _ summary: String, label: String? = nil, help: String? = nil,
    notes: [String] = [],
    statement: String? = nil
  ) {
    self.code = code
    self.summary = summary
    self.label = label
    self.help = help
    self.notes = notes
    self.statement = statement
  }
}
