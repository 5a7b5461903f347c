import Warehouse

/// How a stored column follows its source's type.
enum TypeChange {
  case none, widening, impossible

  init(from old: String, to new: String, _ dialect: Dialect) {
    // A text of Redshift's without a length says nothing of how long its values are, and a number without a precision
    // has 18 digits.
    func type(_ text: String) -> ColumnType {
      let type = ColumnType(text)
      return dialect.kind == .redshift && type.base == "numeric"
        ? ColumnType(dialect.canonicalType(text)) : type
    }
    let from = type(old)
    let to = type(new)
    if dialect.kind == .redshift, to.isUnbounded, from.isString {
      self = .none
      return
    }
    if from == to {
      self = .none
    } else if from.isArray != to.isArray {
      self = .impossible
    } else if to.isString {
      // A narrower string fits into a wider one; anything can be read as text.
      let room = to.isUnbounded ? Int.max : to.stringSize
      if !from.isString {
        self = to.isUnbounded ? .widening : .impossible
      } else if from.isUnbounded || room <= from.stringSize {
        self = .none
      } else {
        self = .widening
      }
    } else if let old = Self.rank(from), let new = Self.rank(to) {
      self = new > old ? .widening : .none
      if from.base == "numeric" && to.base == "numeric" {
        self = to.modifiers.isEmpty || (to.modifiers[0] > (from.modifiers.first ?? .max)) ? .widening : .none
        if from.modifiers.isEmpty { self = .none }
      }
    } else if from.base.hasPrefix("timestamp") && to.base == "date" || from.base == to.base {
      self = .none
    } else if from.base == "date" && to.base.hasPrefix("timestamp") {
      self = .widening
    } else {
      self = .impossible
    }
  }

  private static func rank(_ type: ColumnType) -> Int? {
    ["smallint", "integer", "bigint", "numeric", "real", "double precision"].firstIndex(of: type.base)
  }
}
