public import Diagnostics
public import OrderedCollections
public import ProjectModel

/// A model with `materialized: time_dimension`: one row for each second, minute or stretch of minutes of a day.
public struct TimeDimension: Sendable, Hashable {
  /// How the key is written.
  public enum KeyFormat: String, Sendable, Hashable, CaseIterable {
    /// 134500 is a quarter to two in the afternoon.
    case hhmmss
    /// Minutes since midnight: 825 is the same.
    case minutes
  }

  /// A stretch of the day with a name: it ends where the next one begins, the last one where the first does.
  public struct Part: Sendable, Hashable {
    public var name: String
    /// Minutes since midnight.
    public var from: Int
    /// The name in other languages.
    public var names: OrderedDictionary<CalendarLanguage, String>

    /// `late_evening` reads `Late evening`.
    public var label: String { DimensionMember.label(of: name) }
  }

  public var node: NodeID
  public var name: String
  /// Seconds from one row to the next.
  public var step: Int
  public var surrogateKey: String
  public var keyFormat: KeyFormat
  /// In order of their beginnings.
  public var parts: [Part]
  public var languages: [CalendarLanguage]
  public var members: [DimensionMember]
  public var span: SourceSpan?

  /// The column that holds the time of day at which the row begins.
  public static let timeColumn = "time"

  /// `second`, `minute`, `15 minutes`
  public var grain: String {
    step < 60 ? "second" : step == 60 ? "minute" : "\(step / 60) minutes"
  }

  static let defaultParts = [("night", 0), ("morning", 6 * 60), ("afternoon", 12 * 60), ("evening", 18 * 60)]
}

extension CalendarLanguage {
  /// The names of the parts of the day that there are when nobody says otherwise.
  var partsOfDay: [String: String] {
    switch self {
    case .de: ["night": "Nacht", "morning": "Morgen", "afternoon": "Nachmittag", "evening": "Abend"]
    case .es: ["night": "madrugada", "morning": "mañana", "afternoon": "tarde", "evening": "noche"]
    case .fr: ["night": "nuit", "morning": "matin", "afternoon": "après-midi", "evening": "soir"]
    case .it: ["night": "notte", "morning": "mattina", "afternoon": "pomeriggio", "evening": "sera"]
    case .nl: ["night": "nacht", "morning": "ochtend", "afternoon": "middag", "evening": "avond"]
    case .pt: ["night": "madrugada", "morning": "manhã", "afternoon": "tarde", "evening": "noite"]
    }
  }
}
