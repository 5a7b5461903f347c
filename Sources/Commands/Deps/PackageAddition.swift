import Artifacts
import Compiler
import Diagnostics
import OrderedCollections
import ProjectLoading
import ProjectModel

/// `deps --add-package name@version`: one more entry in packages.yml.
struct PackageAddition {
  enum Source: String, CaseIterable { case hub, git, local }

  var name: String
  var version: String?
  var source: Source

  /// - Throws: `bad-flag` when the version is missing.
  init(_ text: String, source: Source) throws(DiagnosticsError) {
    self.source = source
    let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
    (name, version) = parts.count == 2 ? (parts[0], parts[1]) : (text, nil)
    guard source == .local || version != nil else {
      throw DiagnosticsError(
        Diagnostic(
          "bad-flag", "--add-package \(text) names no version",
          help: "write it as \(text)@1.0.0, or with a range as \(text)@'>=1.0.0,<2.0.0'"))
    }
  }

  struct Outcome {
    /// Absolute.
    var path: String
    var isNew: Bool
    /// Entries of the same package that had to go.
    var removed: [OrderedDictionary<String, PlainValue>]
  }

  /// Writes the entry, in place of those that name the same package. As in dbt the file is written anew: comments
  /// in it are lost.
  func write(to file: String, in folder: String) throws(DiagnosticsError) -> Outcome {
    let path = folder + "/" + file
    let bytes = try ArtifactFile.read(path)
    var root: OrderedDictionary<String, PlainValue> = [:]
    if let bytes {
      do { root = try YAMLParser.parse(bytes, file: file).document.root?.plain.mapping ?? [:] } catch {
        throw error as? DiagnosticsError ?? DiagnosticsError(Diagnostic("broken-yaml", "\(file): \(error)"))
      }
    }
    var removed: [OrderedDictionary<String, PlainValue>] = []
    var packages: [PlainValue] = []
    for package in root["packages"]?.list ?? [] {
      if let entry = package.mapping, isSame(entry) {
        removed.insert(entry, at: 0)
      } else {
        packages.append(package)
      }
    }
    packages.append(.mapping(entry))
    root["packages"] = .list(packages)
    try ArtifactFile.write(YAMLText.write(.mapping(root), sortsKeys: true, indentsLists: true), to: path)
    return Outcome(path: path, isNew: bytes == nil, removed: removed)
  }

  private var entry: OrderedDictionary<String, PlainValue> {
    var entry: OrderedDictionary<String, PlainValue> = [
      source == .hub ? "package" : source.rawValue: .string(name)
    ]
    if let version, !version.isEmpty {
      let parts = version.split(separator: ",").map { PlainValue.string(String($0)) }
      entry[source == .git ? "revision" : "version"] = parts.count > 1 ? .list(parts) : .string(version)
    }
    return entry
  }

  /// Whether an entry names the same package, from whatever source: hyphens and underscores are one, and the
  /// name must stand between slashes, dots or the ends.
  private func isSame(_ entry: OrderedDictionary<String, PlainValue>) -> Bool {
    let stated = ["package", "git", "local", "tarball", "private"].lazy.compactMap { entry[$0]?.string }.first
    guard let stated else { return false }
    var names = [name]
    if let slash = name.lastIndex(of: "/") { names.append(String(name[name.index(after: slash)...])) }
    let forms = names.flatMap { [$0, $0.replacing("_", with: "-"), $0.replacing("-", with: "_")] }
    return forms.contains { form in
      guard let range = stated.firstRange(of: form) else { return false }
      let before =
        range.lowerBound == stated.startIndex ? "/" : stated[stated.index(before: range.lowerBound)]
      let after = range.upperBound == stated.endIndex ? "/" : stated[range.upperBound]
      return "/.".contains(before) && "/.".contains(after)
    }
  }
}
