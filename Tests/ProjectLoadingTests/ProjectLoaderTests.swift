import Diagnostics
import Foundation
import ProjectLoading
import ProjectModel
import TestSupport
import Testing

@Suite struct ProjectLoaderTests {
  @Test func filesOfEveryKind() async throws {
    let folder = try ProjectFolder(
      """
      == dbt_project.yml
      name: shop
      profile: shop
      model-paths: [models/, extra]
      == .dbtignore
      drafts/
      == models/a.sql

        select 1

      == models/b/schema.yml
      models: []
      == models/b/.hidden.sql
      x
      == models/drafts/c.sql
      select 3
      == extra/UPPER.SQL
      select 2
      == macros/m.sql
      {% macro m() %}{% endmacro %}
      == seeds/s.csv
      a
      1
      == tests/t.sql
      select 1
      == tests/generic/g.sql
      {% test g(model) %}{% endtest %}
      == tests/fixtures/f.csv
      a
      == docs/unseen.md
      x
      == models/doc.md
      {% docs a %}{% enddocs %}
      """)
    let (project, diagnostics) = try await ProjectLoader(render: plain).load(
      RawProject.read(folder: folder.path))
    #expect(diagnostics.isEmpty)
    let files = project.root.files.map { "\($0.kind) \($0.originalFilePath)" }.sorted()
    #expect(
      files == [
        "documentation models/doc.md", "fixture tests/fixtures/f.csv", "genericTest tests/generic/g.sql",
        "macro macros/m.sql", "model extra/UPPER.SQL", "model models/a.sql", "schema models/b/schema.yml",
        "seed seeds/s.csv", "singularTest tests/t.sql",
      ])
    let model = try #require(project.root.files.first { $0.originalFilePath == "models/a.sql" })
    #expect(model.text == "select 1")
    #expect(model.firstLine == 2 && model.firstColumn == 3)
    #expect(model.checksum == .sha256("822ae07d4783158bc1912bb623e5107cc9002d519e1143a9c200ed6ee18b6d0f"))
    #expect(project.root.files.first { $0.kind == .seed }?.text == "")
  }

  @Test func packages() async throws {
    let folder = try ProjectFolder(
      """
      == dbt_project.yml
      name: shop
      == packages.yml
      packages:
        - {package: x/utils, version: [">=1.0", "<2"]}
        - local: ../other
      == dbt_packages/utils/dbt_project.yml
      name: utils
      == dbt_packages/utils/macros/u.sql
      {% macro u() %}{% endmacro %}
      == dbt_packages/other/dbt_project.yml
      name: other
      """)
    let (project, _) = try await ProjectLoader(render: plain).load(RawProject.read(folder: folder.path))
    #expect(project.packages.map(\.name) == ["shop", "other", "utils"])
    #expect(
      project.packages[2].displayPath(project.packages[2].files[0]) == "dbt_packages/utils/macros/u.sql")
    #expect(
      project.dependencies.packages.map(\.origin) == [
        .hub(package: "x/utils", versions: [">=1.0", "<2"], installsPrerelease: false),
        .local(path: "../other"),
      ])
  }

  @Test func definition() async throws {
    let folder = try ProjectFolder(
      """
      == dbt_project.yml
      name: shop
      version: 1.0
      require-dbt-version: ">=1.6.0, <2.0.0"
      target-path: "{{ 'tar' ~ 'get' }}"
      quoting: {identifier: false}
      on-run-start: "select 1"
      on-run-end: ["{{ log('x') }}", "select 2"]
      dispatch:
        - {macro_namespace: dbt, search_order: [shop, dbt]}
      vars: {a: "{{ b }}", shop: {c: 1}}
      query-comment: {comment: hello, append: true}
      models:
        +post-hook: "{{ grant() }}"
        shop: {+schema: "{{ 'x' }}"}
      tests: {+severity: warn}
      flags: {fail_fast: true}
      """)
    let raw = try RawProject.read(folder: folder.path)
    let (definition, diagnostics) = try ProjectDefinition.read(raw) { (text, _) throws(DiagnosticsError) in
      .string("<\(text)>")
    }
    #expect(diagnostics.map(\.code) == ["project-config-target-path"])
    #expect(definition.version == "1.0")
    #expect(definition.targetPath == "<{{ 'tar' ~ 'get' }}>")
    #expect(definition.cleanTargets == [definition.targetPath])
    #expect(definition.quoting.identifier == false && definition.quoting.schema == nil)
    #expect(definition.onRunStart.map(\.sql) == ["select 1"])
    #expect(definition.onRunEnd.map(\.sql) == ["{{ log('x') }}", "select 2"])
    #expect(definition.vars["a"] == "{{ b }}")
    #expect(definition.queryComment.append && definition.queryComment.text == "hello")
    #expect(definition.configs["models"]?["+post-hook"]?.plain == "{{ grant() }}")
    #expect(definition.configs["models"]?["shop"]?["+schema"]?.plain == "<{{ 'x' }}>")
    #expect(definition.unrenderedConfigs["models"]?["shop"]?["+schema"]?.plain == "{{ 'x' }}")
    #expect(definition.configs["data_tests"]?["+severity"]?.plain == "warn")
    #expect(definition.flags["fail_fast"] == true)
  }

  @Test func mistakes() async throws {
    let projects: [(name: String, text: String)] = [
      ("no project", "== other.txt\n"),
      ("broken yaml", "== dbt_project.yml\nname: shop\n  models: x\n"),
      ("unknown key", "== dbt_project.yml\nname: shop\nmodel-path: [models]\n"),
      ("bad value", "== dbt_project.yml\nname: shop\nmodel-paths: models\nrestrict-access: maybe\n"),
      ("no name", "== dbt_project.yml\nprofile: x\n"),
      ("bad name", "== dbt_project.yml\nname: my-shop\n"),
      ("version", "== dbt_project.yml\nname: shop\nrequire-dbt-version: [\">=1.12.0\"]\n"),
      ("not a mapping", "== dbt_project.yml\n- name\n"),
      ("missing packages", "== dbt_project.yml\nname: shop\n== packages.yml\npackages:\n  - local: ../x\n"),
      ("bad package", "== dbt_project.yml\nname: shop\n== packages.yml\npackages:\n  - pakage: x\n"),
      ("not UTF-8 is said by line", "== dbt_project.yml\nname: shop\ntests: {}\ndata_tests: {}\n"),
    ]
    var text = ""
    for project in projects {
      let folder = try ProjectFolder(project.text)
      let renderer = DiagnosticRenderer(colors: false) { path in
        (try? FileSystem.read(folder.path + "/" + path)).map { SourceText($0) }
      }
      var found: [Diagnostic] = []
      do {
        found = try await ProjectLoader(render: plain).load(RawProject.read(folder: folder.path)).diagnostics
      } catch {
        found = error.diagnostics
      }
      #expect(!found.isEmpty, "\(project.name)")
      text += "# \(project.name)\n" + renderer.render(found) + "\n"
      text = text.replacingOccurrences(of: folder.path, with: "<folder>")
    }
    #expect(Golden.mismatch(text, file: CaseFile.golden("project-mistakes.txt")) == nil)
  }

  private let plain: RenderText = { (text, _) throws(DiagnosticsError) in .string(text) }
}
