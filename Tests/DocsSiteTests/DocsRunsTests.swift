import Artifacts
import DocsSite
import Foundation
import ProjectModel
import StarModel
import Testing

/// What the page says of runs, freshness and changes.
@Suite(
  .enabled(if: Browser.path != nil, "no Chromium is installed; 'make test' installs one"), .serialized)
struct DocsRunsTests {
  private static let dimension = NodeID("model.shop.dim_customer")

  /// A run on two connections in which `fct_order_line` waited for its dimension, and that for its staging model.
  private static func timed() throws -> DocsInput {
    var input = try ShopDocs.input()
    input.results = [:]
    let steps: [(String, thread: String, start: Double, end: Double)] = [
      ("stg_products", "Thread-1", 0, 0.5), ("stg_customers", "Thread-1", 0.5, 2),
      ("dim_product", "Thread-2", 1, 4), ("dim_customer", "Thread-1", 2, 7), ("dim_date", "Thread-2", 4, 6),
      ("fct_order_line", "Thread-2", 7.5, 10),
    ]
    for step in steps {
      let id = NodeID("model.shop.\(step.0)")
      var result = NodeResult(node: id, status: .success, threadName: step.thread)
      result.executionTime = step.end - step.start
      result.rowsAffected = 10
      result.timing = [
        .init(name: "execute", startedAt: 1_700_000_000 + step.start, completedAt: 1_700_000_000 + step.end)
      ]
      input.results[id] = result
    }
    return input
  }

  @Test func theTimeLineShowsWhoWaitedForWhom() throws {
    let report = try Browser.report(
      page: DocsPage.render(try Self.timed()), route: "#!/timeline",
      script: """
        const cells = (row) => [...row.cells].map((cell) => cell.textContent).join(" ");
        report.path = [...document.querySelectorAll("tbody tr")].map(cells).join("|");
        report.pairs = document.querySelector("dl.pairs").textContent;
        const canvas = document.querySelector(".chart");
        const ink = () => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0);
        await until(ink);
        report.ink = ink();
        report.label = canvas.getAttribute("aria-label");
        const frame = canvas.getBoundingClientRect();
        let at;
        for (const lane of [0, 1]) {
          at = { clientX: frame.left + frame.width * .45, clientY: frame.top + 35 + 26 * lane, bubbles: true };
          canvas.dispatchEvent(new PointerEvent("pointermove", at));
          report.hint = document.querySelector(".chart-hint").textContent;
          if (report.hint.startsWith("dim_customer")) break;
        }
        canvas.dispatchEvent(new PointerEvent("pointerdown", at));
        canvas.dispatchEvent(new PointerEvent("pointerup", at));
        await wait(100);
        report.opened = document.querySelector("h1").textContent;
        """)
    #expect(report["problems"] == "")
    #expect(
      report["path"]
        == "stg_customers Staging 500 ms 1.50 s 15 % nothingthen 500 ms for a connection, held by stg_products|"
        + "dim_customer Dimension 2.00 s 5.00 s 50 % stg_customers|"
        + "fct_order_line Fact 7.50 s 2.50 s 25 % dim_customer")
    #expect(report["pairs"]?.contains("10.0 s") == true)
    #expect(report["pairs"]?.contains("2 connections") == true)
    #expect(report["ink"] == "true")
    #expect(report["label"]?.hasPrefix("Time line of 6 steps on 2 connections") == true)
    #expect(report["hint"]?.hasPrefix("dim_customer, dimension: began after 2.00 s, took 5.00 s") == true)
    #expect(report["opened"] == "dim_customer")
  }

  @Test func aNodeShowsItsRunsItsFreshnessAndWhoUsesIt() throws {
    var input = try Self.timed()
    let source = try #require(
      input.manifest.sources.keys.first { $0.rawValue.contains("customers") }
        ?? input.manifest.sources.keys.first)
    var freshness = DocsInput.Freshness(status: "warn")
    freshness.loadedAt = 1_699_900_000
    freshness.measuredAt = 1_700_000_000
    freshness.age = 100_000
    freshness.warnAfter = "12 hours"
    input.freshness[source] = freshness
    input.runs = (0..<3).map { number in
      .init(
        run: .init(command: "build", startedAt: 1_600_000_000 + Double(number) * 86_400, elapsed: 3),
        outcomes: [
          .init(node: Self.dimension, status: "success", seconds: 1 + Double(number), rows: 100 + number * 5)
        ])
    }
    let report = try Browser.report(
      page: DocsPage.render(input), route: "#!/model/model.shop.dim_customer",
      script: """
        const table = (name) => { const title = [...document.querySelectorAll("h2")].find((title) => title.textContent === name); return title ? [...title.parentElement.querySelectorAll("tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent).join(" ")).join("|") : "none"; };
        report.runs = table("Runs");
        report.exposures = table("Exposures");
        location.hash = "#!/source/\(source.rawValue)";
        await wait(100);
        report.freshness = table("Freshness");
        """)
    #expect(report["problems"] == "")
    let runs = (report["runs"] ?? "").split(separator: "|")
    #expect(runs.count == 3)
    #expect(runs.first?.hasSuffix("✓success 110 +5 3.00 s") == true, "\(runs)")
    #expect(report["exposures"]?.contains("Sales dashboard") == true)
    #expect(
      report["freshness"]?.contains("!warn") == true
        && report["freshness"]?.contains("28 hours 12 hours") == true)
  }

  @Test func changesSinceAnEarlierBuildAreShownSideBySide() throws {
    var input = try ShopDocs.input()
    var before = DocumentedBuild(name: "yesterday", manifest: input.manifest)
    before.results = input.results
    before.results[Self.dimension]?.executionTime = 9
    before.results[NodeID("model.shop.mart_daily_sales")]?.status = .success
    let removed = LineageDocs.model("dim_gone", sql: "select 1 as gone", dependsOn: [])
    before.manifest.nodes[removed.id] = removed
    before.manifest.nodes[Self.dimension]?.rawCode += "\n-- the old last line"
    before.manifest.nodes[Self.dimension]?.description = "An older description."
    before.manifest.nodes[Self.dimension]?.config["materialized"] = "table"
    before.manifest.nodes[Self.dimension]?.columns["segment"]?.dataType = "integer"
    before.manifest.nodes[Self.dimension]?.columns["old_name"] = ColumnProperties(name: "old_name")
    let added = NodeID("model.shop.dim_product")
    before.manifest.nodes.removeValue(forKey: added)
    input.before = before
    let report = try Browser.report(
      page: DocsPage.render(input), route: "#!/changes",
      script: """
        const rows = (place) => [...place.querySelectorAll("tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent).join(" ")).join("|");
        const part = (name) => [...document.querySelectorAll("h2")].find((title) => title.textContent === name)?.parentElement;
        report.tiles = [...document.querySelectorAll(".tile")].map((tile) => tile.textContent).join();
        report.added = rows(part("Added"));
        report.removed = rows(part("Removed"));
        report.modified = rows(part("Modified"));
        report.results = rows(part("Results and times"));
        location.hash = "#!/model/model.shop.dim_customer";
        await wait(100);
        [...document.querySelectorAll("a.chip")].find((chip) => chip.textContent.includes("since")).click();
        await wait(100);
        await until(() => document.querySelector(".diff .gone"));
        report.title = document.querySelector("h1").textContent + " " + location.hash;
        report.sections = [...document.querySelectorAll("h2")].map((title) => title.textContent).join();
        report.diff = [...part("SQL as written").querySelectorAll(".gone, .new")].map((line) => line.textContent).join("|");
        report.columns = rows(part("Columns"));
        report.config = rows(part("Config"));
        report.times = rows(part("Results"));
        location.hash = "#!/changes/model.shop.dim_gone";
        await wait(100);
        await until(() => document.querySelector(".code"));
        report.gone = document.querySelector(".code pre").textContent;
        """)
    #expect(report["problems"] == "")
    #expect(report["added"]?.hasPrefix("dim_product Dimension") == true)
    #expect(report["removed"]?.hasPrefix("dim_gone Dimension") == true)
    #expect(
      report["modified"]?.contains(
        "dim_customer Dimension SQL, 1 column removed, 1 column retyped, config, description")
        == true, "\(report["modified"] ?? "")")
    #expect(report["results"]?.contains("mart_daily_sales ✓success ✕error") == true)
    #expect(report["title"] == "dim_customer #!/changes/model.shop.dim_customer")
    #expect(report["sections"]?.hasPrefix("Description,Columns,SQL as written,Config") == true)
    #expect(report["diff"]?.contains("-removed: -- the old last line") == true)
    #expect(report["columns"]?.contains("old_name no type removed") == true)
    #expect(report["config"]?.contains("materialized table dimension") == true)
    #expect(
      report["times"]?.contains("Before ✓success") == true && report["times"]?.contains("9.00 s") == true)
    #expect(report["gone"] == "select 1 as gone")
  }

  @Test func twoBuildsThatAreTheSameHaveNoChanges() throws {
    var input = try ShopDocs.input()
    var before = DocumentedBuild(name: "yesterday", manifest: input.manifest)
    before.catalog = input.catalog
    before.results = input.results
    before.compiled = input.compiled
    input.before = before
    let report = try Browser.report(
      page: DocsPage.render(input), route: "#!/changes",
      script: "report.text = document.querySelector('article').innerText")
    #expect(report["problems"] == "")
    #expect(report["text"]?.contains("Nothing changed.") == true)
    #expect(report["text"]?.contains("Results and times") == false)
  }
}
