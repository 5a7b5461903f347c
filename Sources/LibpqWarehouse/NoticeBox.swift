/// Collects the notices of one connection. libpq calls it on the thread that reads the connection.
final class NoticeBox {
  /// More than these are not kept: a loop that raises notices must not fill the memory.
  static let limit = 10_000

  var libpq: Libpq?
  private var notices: [String] = []
  private var dropped = 0

  func take() -> [String] {
    defer {
      notices.removeAll()
      dropped = 0
    }
    return dropped == 0 ? notices : notices + ["NOTICE: \(dropped) more notices were left out"]
  }

  static let receive: Libpq.NoticeReceiver = { context, result in
    guard let context, let result else { return }
    let box = Unmanaged<NoticeBox>.fromOpaque(context).takeUnretainedValue()
    guard let libpq = box.libpq else { return }
    guard box.notices.count < limit else {
      box.dropped += 1
      return
    }
    func field(_ code: CInt) -> String? { libpq.PQresultErrorField(result, code).map { String(cString: $0) } }
    var text = (field(Libpq.Field.severity) ?? "NOTICE") + ": " + (field(Libpq.Field.message) ?? "")
    if let detail = field(Libpq.Field.detail) { text += "\nDETAIL: " + detail }
    if let hint = field(Libpq.Field.hint) { text += "\nHINT: " + hint }
    box.notices.append(text)
  }
}
