import OrderedCollections
import ProjectModel

/// What the values of a cache share, each with its number.
struct CacheTables: Sendable, CacheCoded {
  var words: [String] = []
  /// The first is the empty mapping.
  var mappings: [OrderedDictionary<String, PlainValue>] = [[:]]

  init() {}

  func encode(to cache: inout CacheWriter) {
    cache.add(words)
    cache.add(mappings)
  }

  init(from cache: inout CacheReader) {
    words = cache.get()
    mappings = cache.get()
  }
}

/// The nodes' details as they lie in a cache's file, each read when somebody asks for it.
///
/// A cache that is written after this one takes over what it says of the nodes that are as they were, byte by byte: its
/// tables begin with those of this one.
final class NodeRecords: NodeDetailsSource {
  private let contents: [UInt8]
  let tables: CacheTables

  /// - Parameter contents: of the whole file; places count from its beginning.
  init(_ contents: [UInt8], _ tables: CacheTables) {
    self.contents = contents
    self.tables = tables
  }

  func details(at place: Range<Int>) -> NodeDetails {
    contents.withUnsafeBytes {
      var reader = CacheReader(UnsafeRawBufferPointer(rebasing: $0[place]), tables)
      return reader.get()
    }
  }

  func withBytes(at place: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    contents.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[place])) }
  }
}

/// A manifest in a cache: tables of what its parts share, the details of the nodes one after the other, and all the rest.
///
/// What details say depends on nothing but the tables, so that they can be read alone and be taken over.
struct KeptManifest: CacheCoded {
  let manifest: Manifest

  init(_ manifest: Manifest) { self.manifest = manifest }

  func encode(to cache: inout CacheWriter) {
    let nodes = manifest.nodes
    let earlier = nodes.values.lazy.compactMap { $0.contents.later.source as? NodeRecords }.first
    var inner = CacheWriter(after: earlier?.tables ?? CacheTables(), nodes: nodes)
    var details = ByteStorage()
    details.reserve(256 * nodes.count)
    for node in nodes.values {
      let start = details.size
      inner.aside(&details) { inner in
        if let earlier, let place = node.contents.later.place(in: earlier) {
          earlier.withBytes(at: place) { inner.add(bytes: $0) }
        } else {
          inner.add(node.details)
        }
      }
      inner.add(count: details.size - start)
      inner.add(byte: node.contents.later.marks.rawValue)
      inner.add(headOf: node)
    }
    inner.add(othersOf: manifest)

    inner.addTables(to: &cache)
    cache.add(Array(nodes.keys))
    cache.add(count: details.size)
    details.withBytes { cache.add(bytes: $0.assumingMemoryBound(to: UInt8.self)) }
    inner.withBytes { cache.add(bytes: $0.assumingMemoryBound(to: UInt8.self)) }
  }

  init(from cache: inout CacheReader) {
    let tables = CacheTables(from: &cache)
    let ids: [NodeID] = cache.get()
    let length = cache.length()
    let place = cache.skip(length)
    let records = NodeRecords(cache.contents, tables)
    var start = place.lowerBound
    let end = place.upperBound
    cache.take(tables, nodes: ids)
    var nodes: [Node] = []
    nodes.reserveCapacity(ids.count)
    for id in ids {
      let size = cache.count()
      let marks = NodeDetails.Marks(rawValue: cache.byte())
      guard size >= 0, size <= end - start else {
        cache.damage()
        break
      }
      let place = start..<start + size
      start += size
      nodes.append(cache.node(id) { _ in LaterDetails(records, at: place, marks: marks) })
    }
    if nodes.count < ids.count {
      manifest = Manifest(projectName: "", adapterType: "")
      return
    }
    manifest = cache.manifest(with: OrderedDictionary(uncheckedUniqueKeys: ids, values: nodes))
  }
}
