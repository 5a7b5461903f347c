import ProjectLoading
import Testing

@Suite struct IgnoreRulesTests {
  @Test(arguments: [
    ("*.sql", "models/a.sql", true), ("*.sql", "models/a.yml", false), ("draft", "models/draft/a.sql", true),
    ("draft/", "models/draft/a.sql", true), ("draft/", "models/draft", false),
    ("/models/a.sql", "models/a.sql", true),
    ("/a.sql", "models/a.sql", false), ("models/**/x.sql", "models/a/b/x.sql", true),
    ("models/**/x.sql", "models/x.sql", true), ("models/*/x.sql", "models/a/b/x.sql", false),
    ("mod?ls/[a-c].sql", "models/b.sql", true), ("models/[!a-c].sql", "models/b.sql", false),
    ("# comment", "# comment", false), ("\\#x", "#x", true), ("a\n!a", "a", false),
    ("*\n!models/a.sql", "models/a.sql", false),
    ("models/", "models/deep/er/x.sql", true), ("", "a", false),
  ])
  func patterns(rules: String, path: String, isIgnored: Bool) {
    #expect(IgnoreRules(rules).ignores(path) == isIgnored)
  }
}
