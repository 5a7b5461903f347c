import ProjectModel

/// A language in which a calendar names days and months, beside English.
public enum CalendarLanguage: String, Sendable, Hashable, CaseIterable {
  case de, es, fr, it, nl, pt

  /// Monday first.
  public var days: [String] {
    switch self {
    case .de: ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]
    case .es: ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]
    case .fr: ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
    case .it: ["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"]
    case .nl: ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"]
    case .pt:
      [
        "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo",
      ]
    }
  }

  /// January first.
  public var months: [String] {
    switch self {
    case .de:
      [
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
        "November", "Dezember",
      ]
    case .es:
      [
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
        "noviembre", "diciembre",
      ]
    case .fr:
      [
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
        "novembre", "décembre",
      ]
    case .it:
      [
        "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre",
        "ottobre", "novembre", "dicembre",
      ]
    case .nl:
      [
        "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
        "november", "december",
      ]
    case .pt:
      [
        "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
        "novembro", "dezembro",
      ]
    }
  }

  /// `languages: [de, fr]`
  static func read(_ reader: inout ConfigReader) -> [CalendarLanguage] {
    guard let words = reader.columns("languages") else { return [] }
    return words.compactMap { reader.word(.string($0), key: "languages", at: "languages", of: Self.self) }
  }
}
