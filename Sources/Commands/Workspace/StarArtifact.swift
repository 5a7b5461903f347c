import Artifacts
import OrderedCollections
import ProjectModel
import StarModel

/// `target/whc.json`, version 1: the star as it is declared, defaults filled in. It stands beside the artifacts in
/// dbt's formats, whose readers refuse keys that they do not know.
struct StarArtifact {
  var star: Star
  var manifest: Manifest

  /// The entries of some models and nothing else.
  func write(only nodes: [NodeID]) -> [UInt8] {
    var entries: OrderedDictionary<String, PlainValue> = [:]
    for node in nodes {
      let entry: PlainValue? =
        if let known = star.facts[node] {
          fact(known)
        } else if let known = star.dimensions[node] {
          dimension(known)
        } else if let known = star.dateDimensions[node] {
          dates(known)
        } else if let known = star.timeDimensions[node] {
          times(known)
        } else if let known = star.audits[node] {
          audit(known)
        } else if let known = star.junkDimensions[node] {
          junk(known)
        } else if let known = star.miniDimensions[node] {
          mini(known)
        } else {
          star.bridges[node].map { bridge($0) }
        }
      if let entry { entries[node.rawValue] = entry }
    }
    var json = JSONWriter()
    json.mapping(entries)
    return json.bytes
  }

  /// Without times, so that an unchanged star gives the same file.
  func write() -> [UInt8] {
    var json = JSONWriter()
    json.mapping([
      "whc_schema_version": 1,
      "metadata": [
        "whc_version": .string(Version.whc), "dbt_version": .string(Version.dbt),
        "project_name": .string(manifest.projectName), "adapter_type": .string(manifest.adapterType),
      ],
      "dimensions": .mapping(entries(star.dimensions.map { ($0.key, dimension($0.value)) })),
      "date_dimensions": .mapping(entries(star.dateDimensions.map { ($0.key, dates($0.value)) })),
      "time_dimensions": .mapping(entries(star.timeDimensions.map { ($0.key, times($0.value)) })),
      "audit_dimensions": .mapping(entries(star.audits.map { ($0.key, audit($0.value)) })),
      "junk_dimensions": .mapping(entries(star.junkDimensions.map { ($0.key, junk($0.value)) })),
      "bridges": .mapping(entries(star.bridges.map { ($0.key, bridge($0.value)) })),
      "mini_dimensions": .mapping(entries(star.miniDimensions.map { ($0.key, mini($0.value)) })),
      "facts": .mapping(entries(star.facts.map { ($0.key, fact($0.value)) })),
      "bus_matrix": busMatrix,
    ])
    return json.bytes
  }

  var isEmpty: Bool {
    star.dimensions.isEmpty && star.dateDimensions.isEmpty && star.facts.isEmpty
      && star.timeDimensions.isEmpty && star.junkDimensions.isEmpty
  }

  private func entries(_ pairs: [(NodeID, PlainValue)]) -> OrderedDictionary<String, PlainValue> {
    OrderedDictionary(pairs.map { ($0.0.rawValue, $0.1) }) { first, _ in first }
  }

  private func dimension(_ dimension: Dimension) -> PlainValue {
    [
      "name": .string(dimension.name), "natural_key": texts(dimension.naturalKey),
      "surrogate_key": key(dimension.surrogateKey), "durable_key": text(dimension.durableKey),
      "scd_type": .int(dimension.scdType.rawValue),
      "column_scd_types": .mapping(dimension.columnTypes.mapValues { .int($0.rawValue) }),
      "effective_at": text(dimension.effectiveAt), "input": .string(dimension.input.rawValue),
      "deletes": .string(dimension.deletes.rawValue),
      "late_arriving": .string(dimension.lateArriving.rawValue),
      "first_version_from": .string(dimension.firstVersionFrom.rawValue),
      "members": members(dimension.members),
      "outriggers": .list(
        star.outriggers(of: dimension, manifest).map { outrigger($0.edge, $0.target, of: dimension) }),
      "mini_dimensions": texts(star.minis(of: dimension.node, manifest).map(\.mini.node.rawValue)),
      "columns": [
        "valid_from": .string(dimension.columns.validFrom), "valid_to": .string(dimension.columns.validTo),
        "is_current": .string(dimension.columns.isCurrent),
      ],
    ]
  }

  private func outrigger(_ edge: Outrigger, _ target: Star.Target, of dimension: Dimension) -> PlainValue {
    let at = edge.at ?? (target.isVersioned && dimension.isVersioned ? .validFrom : .current)
    return [
      "dimension": .string(target.node.rawValue), "role": text(edge.role),
      "key": texts(edge.key ?? target.naturalKey),
      "foreign_key": .string(edge.foreignKey(target.surrogateKey.name)), "at": .string(at.rawValue),
      "missing": .string(edge.missing.rawValue),
    ]
  }

  private func mini(_ mini: MiniDimension) -> PlainValue {
    let base = star.base(of: mini.node, manifest)
    return [
      "name": .string(mini.name), "dimension": text(base?.dimension.node.rawValue),
      "columns": texts(base?.split.columns ?? []), "surrogate_key": key(mini.surrogateKey),
      "current_key": text(base?.split.currentKey?.name(mini.surrogateKey.name)),
      "members": members(mini.members),
    ]
  }

  private func dates(_ dates: DateDimension) -> PlainValue {
    [
      "name": .string(dates.name), "natural_key": [.string(DateDimension.dateColumn)],
      "surrogate_key": key(SurrogateKey(name: dates.surrogateKey)),
      "fiscal_year_start": .int(dates.fiscalYearStart), "members": members(dates.members),
    ]
  }

  private func times(_ times: TimeDimension) -> PlainValue {
    [
      "name": .string(times.name), "natural_key": [.string(TimeDimension.timeColumn)],
      "surrogate_key": key(SurrogateKey(name: times.surrogateKey)), "grain": .string(times.grain),
      "key_format": .string(times.keyFormat.rawValue),
      "parts_of_day": .list(
        times.parts.map { ["name": .string($0.name), "from_minute": .int($0.from)] }),
      "members": members(times.members),
    ]
  }

  private func audit(_ audit: AuditDimension) -> PlainValue {
    [
      "name": .string(audit.name), "surrogate_key": key(SurrogateKey(name: audit.surrogateKey)),
      "members": members(audit.members),
    ]
  }

  private func bridge(_ bridge: Bridge) -> PlainValue {
    let keys: [PlainValue] = star.lookups(of: bridge.fact, manifest).map { edge, target in
      [
        "dimension": .string(target.node.rawValue),
        "foreign_key": .string(edge.foreignKey(target.surrogateKey.name)),
      ]
    }
    return [
      "name": .string(bridge.name), "bridge_type": .string(bridge.kind.rawValue),
      "grain": texts(bridge.fact.grain),
      "group": texts(bridge.group), "weight": text(bridge.weight), "valid_from": text(bridge.validFrom),
      "valid_to": text(bridge.validTo), "dimensions": .list(keys),
    ]
  }

  private func junk(_ junk: JunkDimension) -> PlainValue {
    [
      "name": .string(junk.name), "natural_key": texts(junk.flags),
      "surrogate_key": key(SurrogateKey(name: junk.surrogateKey)), "members": members(junk.members),
    ]
  }

  private func fact(_ fact: Fact) -> PlainValue {
    let package = manifest.nodes[fact.node]?.packageName ?? manifest.projectName
    let edges: [PlainValue] = fact.edges.map { edge in
      let target = star.target(edge, package: package, in: manifest)
      return [
        "dimension": text(target?.node.rawValue), "role": text(edge.role),
        "key": edge.key.map(texts) ?? texts(target?.naturalKey ?? []),
        "foreign_key": text(target.map { edge.foreignKey($0.surrogateKey.name) }),
        "as_of": text(fact.asOf(edge)), "missing": .string(edge.missing.rawValue),
        "max_unknown": edge.maxUnknown.map { .double($0) } ?? .null,
      ]
    }
    let measures: [PlainValue] = fact.measures.map { measure in
      [
        "name": .string(measure.name), "additivity": .string(measure.additivity.rawValue),
        "over": texts(measure.over), "unit": text(measure.unit),
      ]
    }
    var entry: OrderedDictionary<String, PlainValue> = [
      "name": .string(fact.name), "fact_type": .string(fact.kind.rawValue), "grain": texts(fact.grain),
      "dimensions": .list(edges), "degenerate": texts(fact.degenerate), "measures": .list(measures),
      "event_time": text(fact.eventTime), "loaded_at": text(fact.loadedAt),
      "lookback": .string(fact.lookback), "rekey": .string(fact.rekey.rawValue),
    ]
    if let audit = star.audit(of: fact.node, in: manifest) { entry["audit"] = .string(audit.node.rawValue) }
    if !fact.allocations.isEmpty {
      entry["allocate"] = .list(
        fact.allocations.map {
          [
            "measure": .string($0.measure), "over": text($0.over), "header": texts($0.header),
            "decimals": .int($0.decimals),
          ]
        })
    }
    if !fact.views.isEmpty { entry["views"] = texts(fact.views.map(\.rawValue)) }
    if let snapshot = fact.accumulating {
      entry["milestones"] = .list(snapshot.milestones.map(milestone))
      entry["lags"] = .list(
        snapshot.lags.map {
          [
            "name": .string($0.name), "from": .string($0.from), "to": .string($0.to),
            "unit": .string($0.unit.rawValue),
          ]
        })
      entry["milestone_order"] = .string(snapshot.order.rawValue)
      entry["null_milestone"] = .string(snapshot.nullMilestone.rawValue)
    }
    if let snapshot = fact.periodic {
      entry["period"] = .string(snapshot.period.rawValue)
      entry["gaps"] = .string(snapshot.gaps.rawValue)
      entry["take"] = .string(snapshot.take.rawValue)
      entry["closed_periods"] = .string(snapshot.closed.rawValue)
      entry["close_after"] = .string(snapshot.closeAfter)
    }
    return .mapping(entry)
  }

  private func milestone(_ milestone: AccumulatingSnapshot.Milestone) -> PlainValue {
    [
      "name": .string(milestone.name), "at": .string(milestone.at),
      "not_reached": .string(milestone.notReached),
    ]
  }

  private var busMatrix: PlainValue {
    let matrix = star.busMatrix(manifest)
    return [
      "dimensions": .list(
        matrix.columns.map {
          ["dimension": .string($0.dimension.rawValue), "is_conformed": .bool($0.isConformed)]
        }),
      "facts": .list(
        matrix.rows.map { ["fact": .string($0.fact.rawValue), "cells": .list($0.cells.map(texts))] }),
    ]
  }

  private func members(_ members: [DimensionMember]) -> PlainValue {
    .list(
      members.map {
        ["name": .string($0.name), "key": .int($0.key), "label": .string($0.label)]
      })
  }

  private func key(_ key: SurrogateKey) -> PlainValue {
    ["name": .string(key.name), "method": .string(key.method.rawValue)]
  }

  private func texts(_ texts: [String]) -> PlainValue { .list(texts.map { .string($0) }) }
  private func text(_ text: String?) -> PlainValue { text.map { .string($0) } ?? .null }
}
