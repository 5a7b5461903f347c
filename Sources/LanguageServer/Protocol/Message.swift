import Foundation

/// JSON-RPC 2.0, as the Language Server Protocol uses it.
enum Message {
  /// What a request is answered by.
  enum Identifier: Codable, Hashable, Sendable {
    case number(Int)
    case text(String)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int.self) {
        self = .number(number)
      } else {
        self = .text(try container.decode(String.self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .number(let number): try container.encode(number)
      case .text(let text): try container.encode(text)
      }
    }
  }

  /// What of a message is read first: a request has both, a notification no `id`, an answer no `method`.
  struct Envelope: Decodable {
    var id: Identifier?
    var method: String?
  }

  struct Parameters<Value: Decodable>: Decodable {
    var params: Value
  }

  struct Failure: Error, Encodable, Sendable {
    var code: Int
    var message: String

    static let notReady = Failure(code: -32002, message: "'initialize' comes first")
    static let stopped = Failure(code: -32600, message: "nothing comes after 'shutdown' but 'exit'")
    static func unknown(_ method: String) -> Failure {
      Failure(code: -32601, message: "there is no method '\(method)'")
    }
    static func wrong(_ method: String, _ reason: String) -> Failure {
      Failure(code: -32602, message: "the parameters of '\(method)' cannot be read: \(reason)")
    }
    static let broken = Failure(code: -32700, message: "the message is no JSON")
  }

  private struct Answer<Value: Encodable>: Encodable {
    let jsonrpc = "2.0"
    let id: Identifier?
    let result: Value

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(jsonrpc, forKey: .jsonrpc)
      try container.encode(id, forKey: .id)
      try container.encode(result, forKey: .result)
    }

    private enum Key: CodingKey { case jsonrpc, id, result }
  }

  private struct Refusal: Encodable {
    let jsonrpc = "2.0"
    let id: Identifier?
    let error: Failure

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(jsonrpc, forKey: .jsonrpc)
      try container.encode(id, forKey: .id)
      try container.encode(error, forKey: .error)
    }

    private enum Key: CodingKey { case jsonrpc, id, error }
  }

  private struct Call<Value: Encodable>: Encodable {
    let jsonrpc = "2.0"
    var id: Identifier?
    let method: String
    let params: Value
  }

  static func answer(_ value: some Encodable, to id: Identifier?) -> Data {
    encoded(Answer(id: id, result: value))
  }

  static func refusal(_ failure: Failure, to id: Identifier?) -> Data {
    encoded(Refusal(id: id, error: failure))
  }

  static func notification(_ method: String, _ parameters: some Encodable) -> Data {
    encoded(Call(id: nil, method: method, params: parameters))
  }

  static func request(_ method: String, _ parameters: some Encodable, id: Identifier) -> Data {
    encoded(Call(id: id, method: method, params: parameters))
  }

  private static func encoded(_ value: some Encodable) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Texts and numbers alone: there is nothing that JSON could not hold.
    return (try? encoder.encode(value)) ?? Data()
  }
}
