import ProjectModel

/// The macros that projects and packages expect to be there: they call them by name, and override them.
///
/// Written in Jinja, one file a topic; found by the same rules as a project's own. What whc itself does to a
/// warehouse is planned in Swift and does not pass through them.
enum Prelude {
  /// One file of macros of a built-in package.
  struct File {
    var package: String
    /// As the manifest names it: below `macros/`.
    var path: String
    var text: String

    init(_ package: String, _ path: String, _ text: String) {
      self.package = package
      self.path = "macros/" + path
      self.text = text
    }

    /// Macros that do nothing but look for the adapter's own kind of them, each stated by its signature.
    init(_ path: String, dispatching signatures: [String], _ text: String = "") {
      let macros = signatures.map { signature in
        let name = signature.prefix { $0 != "(" }
        let parameters = signature.dropFirst(name.count + 1).dropLast()
        return """
          {% macro \(name)(\(parameters)) -%}
            {{ return(adapter.dispatch('\(name)', 'dbt')(\(Self.names(parameters)))) }}
          {%- endmacro %}
          """
      }
      self.init("dbt", path, macros.joined(separator: "\n\n") + "\n\n" + text)
    }

    /// What `dbt` has for adapters that have not written a macro: an error that names it.
    static func unwritten(_ path: String, _ signatures: [String]) -> File {
      let macros = signatures.map { signature in
        let name = signature.prefix { $0 != "(" }
        return """
          {% macro default__\(signature) -%}
            {%- do exceptions.raise_not_implemented('\(name) is not written for ' ~ adapter.type()) -%}
          {%- endmacro %}
          """
      }
      return File("dbt", path, macros.joined(separator: "\n\n"))
    }

    /// The parameters' names without defaults.
    private static func names(_ parameters: some StringProtocol) -> String {
      var names: [String] = []
      var depth = 0
      var quote: Character?
      var current = ""
      var isDefault = false
      for character in String(parameters) + "," {
        if let open = quote {
          if character == open { quote = nil }
          continue
        }
        switch character {
        case "'", "\"": quote = character
        case "(", "[", "{": depth += 1
        case ")", "]", "}": depth -= 1
        case "=" where depth == 0: isDefault = true
        case "," where depth == 0:
          if !current.trimmed.isEmpty { names.append(current.trimmed) }
          current = ""
          isDefault = false
          continue
        default: break
        }
        if !isDefault { current.append(character) }
      }
      return names.joined(separator: ", ")
    }
  }

  /// Every macro of every file, unread.
  static let macros: [MacroDefinition] = files.flatMap { macros(of: $0) }

  static let files: [File] =
    [
      statements, names, tests, configs, hooks, materializations, functions, python, relations, tables,
      columns,
      schemas, metadata, indexes,
      grants, comments,
    ]
    .flatMap { $0 } + incremental + snapshots + seeds + crossDatabase + postgres + redshift

  static func macros(of file: File) -> [MacroDefinition] {
    // A file that cannot be split would be a mistake of ours; a test reads every macro.
    guard let blocks = try? MacroBlocks.blocks(in: file.text) else { return [] }
    let bytes = Array(file.text.utf8)
    return blocks.compactMap { block -> MacroDefinition? in
      let text = String(decoding: bytes[block.range], as: UTF8.self)
      guard let name = name(of: text, tag: block.tag) else { return nil }
      var macro = MacroDefinition(
        id: NodeID(.macro, package: file.package, name: name), name: name, packageName: file.package,
        path: file.path, originalFilePath: file.path, text: text)
      if block.tag == "materialization" { macro.supportedLanguages = TemplateEngine.supportedLanguages(text) }
      return macro
    }
  }

  private static func name(of text: String, tag: String) -> String? {
    guard let start = text.firstRange(of: tag)?.upperBound else { return nil }
    let name = text[start...].drop { $0 == " " }.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    guard !name.isEmpty else { return nil }
    switch tag {
    case "macro": return String(name)
    // Those that come along are all written for any adapter.
    case "materialization": return "materialization_\(name)_default"
    default: return "test_\(name)"
    }
  }
}
