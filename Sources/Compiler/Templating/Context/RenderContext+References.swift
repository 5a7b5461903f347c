import Diagnostics
import Jinja
import OrderedCollections
import ProjectModel

extension RenderContext {
  /// `ref('model')`, `ref('package', 'model')`, `v=` or `version=`.
  var refFunction: Value {
    .object(
      ReferenceFunction("ref", self) { [unowned self] arguments, call in
        let reference = try Self.reference(arguments)
        return try self.resolve(reference, at: call.location)
      })
  }

  /// `source('source', 'table')`
  var sourceFunction: Value {
    .object(
      ReferenceFunction("source", self) { [unowned self] arguments, call in
        guard arguments.positional.count == 2, arguments.named.isEmpty else {
          throw HostFailure(
            "bad-source-call", "source() takes 2 arguments, \(arguments.count) given",
            help: "write source('source', 'table')")
        }
        guard let source = arguments.positional[0].stringValue,
          let table = arguments.positional[1].stringValue
        else {
          let wrong = arguments.positional.first { $0.stringValue == nil } ?? .none
          throw HostFailure(
            "bad-source-call", "source() takes two strings, one of them is \(wrong.typeName)")
        }
        return try self.resolve(SourceCall(source: source, table: table), at: call.location)
      })
  }

  /// `metric('name')`, `metric('package', 'name')`: prints the name, and shows the manifest's entry.
  var metricFunction: Value {
    .function("metric") { [unowned self] arguments, _ in
      let words = arguments.positional.compactMap(\.stringValue)
      guard (1...2).contains(words.count), words.count == arguments.count else {
        throw HostFailure(
          "bad-metric-call", "metric() takes the metric's name, or package and name",
          help: "write {{ metric('name') }}")
      }
      guard isExecuting, let manifest else {
        noted.metrics.append(words)
        return .object(MetricObject(named: words[words.count - 1], package: words.count > 1 ? words[0] : nil))
      }
      let entries = manifest.manifest.opaque[.metric] ?? [:]
      guard let entry = MetricObject.entry(words, from: package, among: entries) else {
        throw HostFailure(
          "unknown-metric", "metric '\(words.joined(separator: "."))' is not in this project",
          help: "metrics stand under 'metrics:' in properties files")
      }
      return .object(MetricObject(entry, among: entries))
    }
  }

  /// `function('name')`, `function('package', 'name')`: the name of a function of the project, as SQL calls it.
  var functionFunction: Value {
    .function("function") { [unowned self] arguments, _ in
      let words = arguments.positional.compactMap(\.stringValue)
      guard (1...2).contains(words.count), words.count == arguments.count else {
        throw HostFailure(
          "bad-function-call", "function() takes the function's name, or package and name",
          help: "write {{ function('name') }}(arguments)")
      }
      guard isExecuting, let manifest else {
        if !noted.functions.contains(words) { noted.functions.append(words) }
        return .object(placeholder)
      }
      guard let node = manifest.function(words, from: package), let relation = node.relation else {
        throw HostFailure(
          "unknown-function", "function '\(words.joined(separator: "."))' is not in this project",
          help: "functions lie in the function paths, one SQL file each")
      }
      return .object(RelationObject(manifest.deferral.relation(of: node.id) ?? relation))
    }
  }

  private static func reference(_ arguments: Arguments) throws -> RefCall {
    let names = arguments.positional
    guard names.count == 1 || names.count == 2 else {
      throw HostFailure(
        "bad-ref-call", "ref() takes the model's name, or package and name; \(names.count) arguments given")
    }
    guard let name = names[names.count - 1].stringValue else {
      throw HostFailure(
        "bad-ref-call", "the name in ref() must be a string, it is \(names[names.count - 1].typeName)")
    }
    var package: String?
    if names.count == 2, !names[0].isNone {
      guard let text = names[0].stringValue else {
        throw HostFailure("bad-ref-call", "the package in ref() must be a string, it is \(names[0].typeName)")
      }
      package = text
    }
    let version = try [arguments.named("version"), arguments.named("v")]
      .compactMap { $0 }.first { try !$0.isNone && $0.isTrue() }
    var call = RefCall(package: package, name: name, version: try version?.text())
    call.isVersionText = version?.stringValue != nil
    return call
  }

  func resolve(_ reference: RefCall, at location: TemplateError.Location) throws -> Value {
    guard isExecuting, let manifest else {
      var reference = reference
      let argument = reference.package == nil ? 0 : 1
      reference.span = location.template == subject.file ? marked(location, argument: argument) : nil
      noted.refs.append(reference)
      return .object(placeholder)
    }
    guard let node = manifest.node(for: reference, from: package) else {
      throw manifest.unknownRef(reference, from: package)
    }
    if let unitTest {
      guard let relation = unitTest.relation(for: node.id) else {
        throw unitTest.missing("ref('\(reference.name)')")
      }
      return expression(relation, for: node.id)
    }
    if mode == .run, let own = subject.node, own.id != node.id, !own.dependsOn.contains(node.id),
      own.resourceType != .operation, own.resourceType != .sqlOperation
    {
      throw HostFailure(
        "ref-not-declared", "ref('\(reference.name)') was not seen when the project was parsed",
        help: "name it where it is always read: -- depends_on: {{ ref('\(reference.name)') }}")
    }
    let limit = runtime.isEmpty ? 0 : nil
    if node.isEphemeral {
      if mode == .operation {
        throw HostFailure(
          "ref-to-ephemeral", "an operation cannot ref() the ephemeral model '\(node.name)'")
      }
      if !ephemerals.contains(node.id) { ephemerals.append(node.id) }
      return .object(
        RelationObject.ephemeral(
          node.alias, limit: limit, eventTime: eventTimeFilter(node.config, node.columns)))
    }
    let name = runtime.overrides[node.id] ?? manifest.deferral.relation(of: node.id) ?? node.relation
    return .object(
      RelationObject(
        name ?? relation(named: node.alias), limit: limit,
        eventTime: eventTimeFilter(node.config, node.columns)))
  }

  func resolve(_ call: SourceCall, at location: TemplateError.Location) throws -> Value {
    guard isExecuting, let manifest else {
      var call = call
      call.span = location.template == subject.file ? marked(location) : nil
      noted.sources.append(call)
      return .object(placeholder)
    }
    guard let source = manifest.source(for: call, from: package) else {
      throw manifest.unknownSource(call, from: package)
    }
    if let unitTest {
      guard let relation = unitTest.relation(for: source.id) else {
        throw unitTest.missing("source('\(call.source)', '\(call.table)')")
      }
      return expression(relation, for: source.id)
    }
    let name = runtime.overrides[source.id] ?? source.relation
    return .object(
      RelationObject(
        name, limit: runtime.isEmpty ? 0 : nil,
        eventTime: eventTimeFilter(source.config, source.columns)))
  }

  /// The rows of what has an event time that a model or snapshot is to see: those of the batch, or of the sample.
  private func eventTimeFilter(
    _ config: NodeConfig, _ columns: OrderedDictionary<String, ColumnProperties>
  ) -> RelationObject.EventTimeFilter? {
    guard let node = subject.node, [.model, .snapshot].contains(node.resourceType),
      let column = config["event_time"]?.string, !column.isEmpty
    else { return nil }
    let sample = settings.sample
    guard var window = runtime.batch?.batch ?? sample else { return nil }
    if runtime.batch != nil, node.isEphemeral {
      // A batch is its model's alone: what that reads through an ephemeral model is not cut.
      guard let sample else { return nil }
      window = sample
    } else if runtime.batch != nil, let sample {
      window = Batch(start: max(window.start, sample.start), end: min(window.end, sample.end))
    }
    let isQuoted = columns.values.first { $0.name == column }?.quote ?? false
    return RelationObject.EventTimeFilter(
      column: isQuoted ? "\"\(column)\"" : column, batch: window)
  }

  private func expression(_ relation: RelationObject, for id: NodeID) -> Value {
    if !ephemerals.contains(id) { ephemerals.append(id) }
    return .object(relation)
  }

  /// While the project is parsed every reference stands for the node itself.
  private var placeholder: RelationObject {
    RelationObject(subject.node?.relation ?? relation(named: subject.name))
  }

  private func relation(named name: String) -> RelationName {
    RelationName(
      database: settings.database, schema: settings.schema, identifier: name, quoting: settings.quoting)
  }

  func thisValue() throws -> Value {
    if let unitTest {
      guard let id = unitTest.this, let relation = unitTest.relation(for: id) else { return .none }
      return expression(relation, for: id)
    }
    guard let node = subject.node else {
      return mode == .parse ? .object(placeholder) : .none
    }
    if node.resourceType == .operation || node.resourceType == .sqlOperation { return .none }
    return .object(RelationObject(runtime.overrides[node.id] ?? node.relation ?? relation(named: node.alias)))
  }

  /// `defer_relation`: the same node's relation in the environment that the run defers to.
  var deferredRelation: Value {
    guard let node = subject.node, let name = manifest?.deferral.counterparts[node.id] else { return .none }
    return .object(RelationObject(name))
  }

  var relationFactory: Value {
    .object(
      RelationFactory(
        quoting: settings.quoting, maximumNameLength: settings.adapterType == "redshift" ? 127 : 63))
  }
}
