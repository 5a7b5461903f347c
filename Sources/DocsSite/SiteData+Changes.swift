import Artifacts
import ProjectModel

/// What the page shows of the difference to an earlier build.
extension SiteData {
  mutating func writeChanges() {
    guard let before = input.before else { return }
    let old = Lineage(before.manifest)
    json.beginObject("changes")
    text("name", before.name)
    if let run = before.lastRun { write(run) }
    json.beginArray("nodes")
    for change in BuildComparison(before: before, after: input.build).changes {
      write(change, name: old.index[change.id].map { old.members[$0] })
    }
    json.endArray()
    // What became of every node then, as [id, status, seconds, rows].
    json.beginArray("results")
    for (id, result) in before.results.sorted(by: { $0.key.rawValue < $1.key.rawValue })
    where lineage.index[id] != nil || old.index[id] != nil {
      json.beginArray()
      json.string(id.rawValue)
      json.string(result.status.rawValue)
      json.double(result.executionTime)
      if let rows = result.rowsAffected, rows >= 0 { json.int(rows) }
      json.endArray()
    }
    json.endArray()
    json.endObject()
  }

  private mutating func write(_ change: BuildComparison.Change, name member: Lineage.Member?) {
    json.beginObject()
    text("id", change.id.rawValue)
    text("change", change.kind.rawValue)
    if change.kind == .removed, let member {
      text("name", member.name)
      text("kind", member.kind.rawValue)
      text("type", member.resourceType.rawValue)
      stored("raw", input.before?.manifest.nodes[change.id]?.rawCode)
    }
    pair("raw", change.raw)
    pair("compiled", change.compiled)
    if let texts = change.description { json.field("description", [texts.before, texts.after]) }
    if let names = change.relation { json.field("relation", [names.before, names.after]) }
    sides("parents", change.parents)
    sides("tests", change.tests)
    if !change.columns.isEmpty {
      json.beginArray("columns")
      for column in change.columns { write(column) }
      json.endArray()
    }
    if !change.config.isEmpty {
      json.beginArray("config")
      for entry in change.config {
        json.beginObject()
        text("key", entry.key)
        if let before = entry.before { json.field("before", before) }
        if let after = entry.after { json.field("after", after) }
        json.endObject()
      }
      json.endArray()
    }
    json.endObject()
  }

  private mutating func write(_ column: BuildComparison.ColumnChange) {
    json.beginObject()
    text("name", column.name)
    if let before = column.before { write("before", before) }
    if let after = column.after { write("after", after) }
    json.endObject()
  }

  private mutating func write(_ key: StaticString, _ column: BuildComparison.Column) {
    json.beginObject(key)
    text("type", column.type)
    text("description", column.description)
    json.endObject()
  }

  /// Two long texts by their numbers.
  private mutating func pair(_ key: StaticString, _ pair: BuildComparison.Pair<String>?) {
    guard let pair else { return }
    numbers(key, [texts.number(of: pair.before), texts.number(of: pair.after)])
  }

  private mutating func sides(_ key: StaticString, _ sides: BuildComparison.Pair<[String]>) {
    guard !sides.before.isEmpty || !sides.after.isEmpty else { return }
    json.beginObject(key)
    strings("removed", sides.before)
    strings("added", sides.after)
    json.endObject()
  }
}
