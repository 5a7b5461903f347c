/// What names of columns and tables tell people, who read them before they read rows.
enum ColumnWords {
  static let changed: Set<String> = [
    "updated_at", "modified_at", "changed_at", "last_modified", "last_modified_at", "last_updated",
    "last_updated_at", "last_update", "updated_on", "modified_on", "changed_on", "modified_date",
    "update_date", "updated_date", "date_modified", "date_updated", "updated", "modified", "last_changed_at",
    "last_modified_date", "lastmodified", "modifieddate", "updatedat", "system_modstamp",
  ]
  static let created: Set<String> = [
    "created_at", "created_on", "created", "create_date", "created_date", "inserted_at", "date_created",
    "creation_date", "createdat", "creation_time", "inserted_on",
  ]
  /// Times that a loading tool writes, which say nothing of the thing itself.
  static let loaded: Set<String> = [
    "_loaded_at", "loaded_at", "_synced_at", "_fivetran_synced", "_airbyte_extracted_at",
    "_airbyte_emitted_at",
    "_sdc_extracted_at", "_sdc_batched_at", "_sdc_received_at", "ingested_at", "etl_loaded_at",
    "_etl_loaded_at",
    "extracted_at", "_extracted_at", "dw_loaded_at", "_dlt_load_id",
  ]
  static let operation: Set<String> = [
    "op", "__op", "_op", "operation", "__operation", "cdc_operation", "change_type", "_change_type",
    "dml_type",
    "op_type", "operation_type", "change_operation", "__deleted",
  ]
  static let logTime: [String] = [
    "changed_at", "change_time", "changed_on", "__source_ts_ms", "source_ts_ms", "__ts_ms", "ts_ms",
    "committed_at", "commit_time", "commit_timestamp", "__commit_ts", "op_ts", "captured_at", "event_time",
    "transact_change_time", "event_at", "ts", "updated_at", "modified_at",
  ]
  static let sequence: [String] = [
    "lsn", "__lsn", "__source_lsn", "source_lsn", "log_position", "log_pos", "sequence", "sequence_no",
    "sequence_number", "seq", "seq_no", "position", "pos", "offset", "change_id", "event_id", "xid",
    "transact_seq",
  ]
  static let interval: [(from: String, to: [String])] = [
    ("valid_from", ["valid_to", "valid_until"]), ("dbt_valid_from", ["dbt_valid_to"]),
    ("effective_from", ["effective_to", "effective_until"]),
    ("effective_date", ["expiry_date", "end_date", "expiration_date"]),
    ("active_from", ["active_to", "active_until"]), ("from_date", ["to_date"]), ("start_date", ["end_date"]),
    ("begin_date", ["end_date"]), ("starts_at", ["ends_at"]), ("started_at", ["ended_at"]),
    ("start_at", ["end_at"]), ("_valid_from", ["_valid_to"]), ("_fivetran_start", ["_fivetran_end"]),
  ]
  /// Columns of a finished history that the dimension writes itself.
  static let derived: Set<String> = [
    "is_current", "current_flag", "is_latest", "dbt_scd_id", "dbt_updated_at", "_fivetran_active",
    "is_active_version", "current_row",
  ]
  /// Times that describe a thing rather than an event.
  static let ofThings = [
    "birth", "born", "hire", "joined", "register", "signup", "since", "expir", "launch", "discontinu",
    "opened",
    "founded", "release", "sell_start", "sell_end", "last_login", "first_order",
  ]
  /// Times that are plans, not steps that were taken.
  static let planned = [
    "due", "planned", "expected", "target", "promised", "scheduled", "estimated", "required",
  ]
  /// Things that a business has, in the singular.
  static let things: Set<String> = [
    "customer", "client", "user", "account", "employee", "person", "product", "store", "shop", "location",
    "address", "category", "subcategory", "supplier", "vendor", "plan", "region", "country", "city",
    "currency",
    "department", "warehouse", "campaign", "territory", "contact", "company", "partner", "member", "brand",
    "model", "subscriber", "merchant", "branch", "seller", "reason", "method", "type", "status", "province",
    "state", "course", "student", "patient", "doctor", "supply", "material", "card",
  ]
  static let flags = [
    "status", "state", "type", "channel", "method", "flag", "priority", "level", "mode", "kind", "currency",
    "source", "reason", "class", "tier", "segment", "grade",
  ]
  /// People's data that is corrected rather than replaced by something new.
  static let corrected = [
    "name", "email", "e_mail", "phone", "mobile", "fax", "first_name", "last_name", "full_name",
    "description",
    "title", "birth", "url", "website",
  ]
  static let semiAdditive = [
    "balance", "on_hand", "stock", "inventory", "in_stock", "headcount", "outstanding", "closing",
    "quantity_available",
  ]
  static let nonAdditive = [
    "rate", "ratio", "pct", "percent", "unit_price", "unit_cost", "price_per", "list_price", "rating",
    "score",
    "temperature", "latitude", "longitude", "average", "avg", "margin_pct", "unit_price_discount",
  ]
  /// People who did something, whom a number in a column may name.
  static let people = [
    "salesperson", "sales_person", "sales_rep", "agent", "owner", "assignee", "driver", "clerk", "cashier",
    "staff",
    "rep", "by", "seller", "buyer",
  ]
  /// Endings of numbers that name things and are not added up.
  static let numberOfNames = [
    "_id", "_key", "_no", "_nr", "_num", "_number", "_code", "_zip", "zip", "postal_code", "year", "month",
    "_sku",
    "_uuid", "_guid", "_ref", "phone", "version", "day_of_week", "_hash", "revision",
  ]
  static let reserved: Set<String> = [
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "both", "case", "cast", "check",
    "collate",
    "column", "constraint", "create", "default", "desc", "distinct", "do", "else", "end", "except", "false",
    "for",
    "foreign", "from", "grant", "group", "having", "in", "initially", "intersect", "into", "lateral",
    "leading",
    "limit", "not", "null", "offset", "on", "only", "or", "order", "placing", "primary", "references",
    "returning",
    "select", "some", "symmetric", "table", "then", "to", "trailing", "true", "union", "unique", "user",
    "using",
    "variadic", "when", "where", "window", "with", "current_date", "current_time", "current_user",
    "authorization", "binary", "cross", "freeze", "full", "ilike", "inner", "is", "isnull", "join", "left",
    "like", "natural", "notnull", "outer", "overlaps", "right", "similar", "verbose",
  ]

  /// `SalesOrderID`, `Sales Order Id` → `sales_order_id`; at most 50 letters.
  static func snake(_ name: String) -> String {
    let letters = Array(name.unicodeScalars)
    var out: [UInt8] = []
    func isUpper(_ index: Int) -> Bool {
      letters.indices.contains(index) && ("A"..."Z").contains(letters[index])
    }
    func isLower(_ index: Int) -> Bool {
      letters.indices.contains(index) && ("a"..."z").contains(letters[index])
    }
    func isDigit(_ index: Int) -> Bool {
      letters.indices.contains(index) && ("0"..."9").contains(letters[index])
    }
    for (index, letter) in letters.enumerated() {
      if isUpper(index) {
        let begins = isLower(index - 1) || isDigit(index - 1) || (isUpper(index - 1) && isLower(index + 1))
        if begins, !out.isEmpty, out.last != UInt8(ascii: "_") { out.append(UInt8(ascii: "_")) }
        out.append(UInt8(letter.value) + 32)
      } else if isLower(index) || isDigit(index) || letter == "_" {
        out.append(UInt8(letter.value))
      } else if out.last != UInt8(ascii: "_") {
        out.append(UInt8(ascii: "_"))
      }
    }
    while out.count > 1, out.last == UInt8(ascii: "_") { out.removeLast() }
    let text = String(decoding: out.prefix(50), as: UTF8.self)
    return text.isEmpty || text == "_"
      ? "column"
      : text.utf8.first.map { (0x30...0x39).contains($0) } == true
        ? "n_" + text : text
  }

  /// `categories` → `category`, `orders` → `order`, `status` → `status`.
  static func singular(_ word: String) -> String {
    func drop(_ count: Int, _ ending: String = "") -> String { String(word.dropLast(count)) + ending }
    if word.hasSuffix("ies"), word.count > 4 { return drop(3, "y") }
    if ["people"].contains(word) { return "person" }
    for ending in ["sses", "shes", "ches", "xes", "uses"] where word.hasSuffix(ending) && word != "warehouses"
    {
      if ending == "uses", word.hasSuffix("houses") { break }
      return drop(2)
    }
    if word.hasSuffix("s"), !word.hasSuffix("ss"), !word.hasSuffix("us"), !word.hasSuffix("is"),
      word.count > 3
    {
      return drop(1)
    }
    return word
  }

  /// What a table is about: `raw_Customers_cdc` → `customer`.
  static func subject(_ table: String) -> String {
    var name = snake(table)
    for prefix in ["raw_", "src_", "tbl_", "source_", "cdc_", "t_"]
    where name.hasPrefix(prefix) && name.count > prefix.count { name = String(name.dropFirst(prefix.count)) }
    for suffix in [
      "_cdc", "_changelog", "_change_log", "_changes", "_history", "_hist", "_versions", "_scd", "_log",
      "_raw",
      "_snapshot", "_audit",
    ] where name.hasSuffix(suffix) && name.count > suffix.count { name = String(name.dropLast(suffix.count)) }
    var words = name.split(separator: "_").map(String.init)
    guard let last = words.last else { return name }
    words[words.count - 1] = singular(last)
    return words.joined(separator: "_")
  }

  /// A name of which a word begins with one of these; long ones may stand anywhere.
  static func holds(_ name: String, _ words: [String]) -> Bool {
    let (padded, whole) = ("_" + name, squashed(name))
    return words.contains {
      padded.contains("_" + $0) || ($0.utf8.count >= 8 && whole.contains(squashed($0)))
    }
  }

  /// `sales_order_id` and `salesorderid` are the same to people.
  static func squashed(_ name: String) -> String { name.replacing("_", with: "") }

  /// A column's name that holds one of these as whole words.
  static func says(_ name: String, _ words: [String]) -> Bool {
    let padded = "_\(name)_"
    return words.contains { padded.contains("_\($0)_") }
  }

  static func isKeyLike(_ name: String) -> Bool {
    if name.hasSuffix("id"), name.utf8.count > 4 {
      return !["paid", "void", "valid", "guid", "grid", "bid", "said", "fluid"].contains {
        name.hasSuffix($0)
      }
    }
    return name == "id" || name == "sku" || name == "code" || name == "uuid"
      || ["_id", "_key", "_no", "_nr", "_number", "_code", "_sku", "_uuid", "_line", "_seq"].contains {
        name.hasSuffix($0)
      }
      || ["line", "line_no", "position", "seq", "number"].contains(name)
  }
}
