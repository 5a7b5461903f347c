import Diagnostics
import Foundation
import ProjectLoading
import ProjectModel
import TestSupport
import Testing

@Suite struct ProfileFileTests {
  private static let profiles = """
    shop:
      target: "{{ env_var('TARGET') }}"
      outputs:
        dev:
          type: postgres
          host: localhost
          user: me
          password: "{{ env_var('SECRET') }}"
          port: "{{ env_var('PORT') }}"
          dbname: shop
          schema: public
          threads: 4
          sslmode: require
        local: {type: postgres, embedded: true}
        other: {type: postgres, host: "{{ env_var('MISSING') }}", user: x, dbname: d, schema: s}
        redshift: {type: redshift, host: h, user: u, pass: "p{%", dbname: d, schema: s, ra3_node: true}
        cluster:
          type: redshift
          host: h
          user: u
          password: s3cret!
          dbname: d
          schema: s
          query_group: nightly
          tcp_keepalive: false
          secret_access_key: s3cret!
          retry_all: true
        keyless: {type: redshift, host: h, user: u, dbname: d, schema: s}
        iam: {type: redshift, method: iam, host: h, user: u, password: p, dbname: d, schema: s}
        insecure: {type: redshift, sslmode: maybe, host: h, user: u, password: p, dbname: d, schema: s}
        snow: {type: snowflake}
        bad: {type: postgres, host: h, port: many, threds: 2}
        text: nothing
    empty: {}
    """

  private static let environment = ["TARGET": "dev", "SECRET": "s3cret!", "PORT": "5433"]

  /// Stands in for the template engine: knows `env_var('…')` and nothing else.
  private static let render: RenderText = { (text, span) throws(DiagnosticsError) in
    guard let start = text.range(of: "env_var('"), let end = text.range(of: "')") else {
      throw DiagnosticsError(Diagnostic("bad-jinja", "not a template", at: span))
    }
    let name = String(text[start.upperBound..<end.lowerBound])
    guard let value = environment[name] else {
      throw DiagnosticsError(
        Diagnostic(
          "missing-env-var", "environment variable '\(name)' is not set", at: span, label: "asked for here"))
    }
    return .string(value)
  }

  @Test func theProfilesOwnTarget() throws {
    let (target, warnings) = try read(target: nil)
    #expect(warnings.isEmpty)
    #expect(target.name == "dev" && target.kind == .postgres && target.port == 5433 && target.threads == 4)
    #expect(target.password?.reveal() == "s3cret!")
    #expect(target.context["dbname"] == "shop" && target.context["password"] == nil)
  }

  @Test func secretsDoNotShow() throws {
    let (target, _) = try read(target: "dev")
    var dumped = ""
    dump(target, to: &dumped)
    #expect(!"\(target)".contains("s3cret"))
    #expect(!String(reflecting: target).contains("s3cret"))
    #expect(!dumped.contains("s3cret"))
    #expect(!"\(target.context)".contains("s3cret"))
  }

  @Test func otherTargets() throws {
    let local = try read(target: "local").target
    #expect(local.isEmbedded && local.database == "whc" && local.schema == "public")
    let redshift = try read(target: "redshift").target
    #expect(
      redshift.port == 5439 && redshift.password?.reveal() == "p{%" && redshift.extra["ra3_node"] == true)
    #expect(try read(target: "dev", threads: 9).target.threads == 9)
  }

  @Test func redshift() throws {
    let (target, warnings) = try read(target: "cluster")
    #expect(warnings.isEmpty)
    #expect(target.redshift?.queryGroup == "nightly" && target.redshift?.keepsAlive == false)
    #expect(!"\(target.context)".contains("s3cret"))
    for name in ["keyless", "iam", "insecure"] {
      #expect(throws: DiagnosticsError.self, "\(name)") { try read(target: name) }
    }
  }

  @Test(
    arguments: [
      (nil, "verify-ca"), ("disable", "disable"), ("allow", "verify-ca"), ("prefer", "verify-ca"),
      ("require", "verify-ca"), ("verify-ca", "verify-ca"), ("verify-full", "verify-full"),
    ] as [(String?, String)])
  func redshiftHasDbtsTLS(written: String?, meant: String) {
    #expect(RedshiftTarget.sslmode(written) == meant)
  }

  @Test func searchOrder() {
    let home = ["HOME": "/home/me"]
    #expect(
      ProfileFile.searchOrder(flag: nil, projectFolder: "/p", environment: home)
        == ["/p/profiles", "/p", "/home/me/.dbt"])
    #expect(
      ProfileFile.searchOrder(flag: nil, projectFolder: "/p", environment: ["DBT_PROFILES_DIR": "/x"]) == [
        "/x"
      ])
    #expect(
      ProfileFile.searchOrder(flag: "/y", projectFolder: "/p", environment: ["DBT_PROFILES_DIR": "/x"]) == [
        "/y"
      ])
  }

  @Test func theFirstFolderWins() throws {
    let folder = try ProjectFolder("== profiles/profiles.yml\na: {}\n== profiles.yml\nb: {}\n")
    let order = ProfileFile.searchOrder(flag: nil, projectFolder: folder.path, environment: [:])
    #expect(try ProfileFile.read(folders: order, projectFolder: folder.path).file == "profiles/profiles.yml")
  }

  @Test func mistakes() throws {
    var text = ""
    func note(_ name: String, _ body: () throws -> [Diagnostic]) {
      let renderer = DiagnosticRenderer(colors: false) { path in
        path == "profiles.yml" ? SourceText(Self.profiles) : nil
      }
      let found: [Diagnostic]
      do { found = try body() } catch let error as DiagnosticsError { found = error.diagnostics } catch {
        Issue.record(error)
        return
      }
      #expect(!found.isEmpty, "\(name)")
      text += "# \(name)\n" + renderer.render(found) + "\n"
    }
    note("no file") {
      _ = try ProfileFile.read(folders: ["/nowhere/profiles", "/nowhere"], projectFolder: "/nowhere")
      return []
    }
    for (name, profile, target) in [
      ("unknown profile", "shops", "dev"), ("unknown target", "shop", "prod"),
      ("near target", "shop", "devv"),
      ("no outputs", "empty", "dev"), ("missing variable", "shop", "other"), ("unknown type", "shop", "snow"),
      ("bad values", "shop", "bad"), ("not a mapping", "shop", "text"),
    ] {
      note(name) { try read(profile: profile, target: target).warnings }
    }
    #expect(Golden.mismatch(text, file: CaseFile.golden("profile-mistakes.txt")) == nil)
  }

  private func read(profile: String = "shop", target: String?, threads: Int? = nil) throws -> (
    target: Target, warnings: [Diagnostic]
  ) {
    let folder = try ProjectFolder("")
    try folder.write(Self.profiles, to: "profiles.yml")
    let file = try ProfileFile.read(folders: [folder.path], projectFolder: folder.path)
    return try file.target(
      profile: profile, namedAt: SourceSpan(file: "dbt_project.yml", line: 2, column: 10, length: 5),
      target: target,
      threads: threads, render: Self.render)
  }
}
