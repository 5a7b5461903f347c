import DocsSite
import Foundation
import ProjectModel
import Testing

@Suite struct DocsPageTests {
  @Test func isOneFileThatAsksForNothing() throws {
    let page = String(decoding: DocsPage.render(try ShopDocs.input()), as: UTF8.self)
    #expect(page.hasPrefix("<!doctype html>"))
    #expect(!page.contains("{{title}}") && !page.contains("{{data}}"))
    #expect(!page.contains("src=\"http") && !page.contains("@import") && !page.contains("url(http"))
    // Nothing in the data can end the element it stands in.
    for block in [
      "<script id=\"data\" type=\"text/plain\">", "<script id=\"texts\" type=\"application/json\">",
    ] {
      let data = try #require(page.firstRange(of: block))
      let rest = page[data.upperBound...]
      let end = try #require(rest.firstRange(of: "</script>"))
      #expect(!rest[..<end.lowerBound].contains("<") && rest[..<end.lowerBound].utf8.count > 1_000)
    }
  }

  @Test func isTheSameEveryTime() throws {
    #expect(DocsPage.render(try ShopDocs.input()) == DocsPage.render(try ShopDocs.input()))
  }
}

@Suite(
  .enabled(if: Browser.path != nil, "no Chromium is installed; 'make test' installs one"), .serialized)
struct DocsPageInBrowserTests {
  private func report(_ route: String, _ script: String) throws -> [String: String] {
    try Browser.report(page: DocsPage.render(try ShopDocs.input()), route: route, script: script)
  }

  @Test func theOverviewCountsAndListsEverything() throws {
    let report = try report(
      "",
      """
      report.title = document.querySelector("h1").textContent;
      report.tree = document.querySelectorAll(".tree a").length;
      report.run = document.querySelector(".card").textContent;
      report.troubles = [...document.querySelectorAll(".card + table td:first-child")].map((cell) => cell.textContent).join();
      """)
    #expect(report["problems"] == "")
    #expect(report["title"] == "shop")
    #expect(Int(report["tree"] ?? "") ?? 0 > 5)
    #expect(report["run"]?.contains("whc build") == true)
    #expect(report["troubles"]?.contains("mart_daily_sales") == true)
  }

  @Test(arguments: [
    (
      "a **strong\nword**, *so\nit is*, and [a\nlink](#!/tests)",
      ##"<p>a <strong>strong word</strong>, <em>so it is</em>, and <a href="#!/tests">a link</a></p>"##
    ),
    ("one  \ntwo\\\nthree\nfour", "<p>one<br>two<br>three four</p>"),
    ("`a\nb` and snake_case\n_id", "<p><code>a b</code> and snake_case _id</p>"),
  ])
  func markdownGoesOverTheEndsOfLines(text: String, html: String) throws {
    var input = try ShopDocs.input()
    input.manifest.nodes[NodeID("model.shop.dim_customer")]?.description = text
    let report = try Browser.report(
      page: DocsPage.render(input), route: "#!/model/model.shop.dim_customer",
      script: #"report.html = document.querySelector(".prose").innerHTML.replaceAll("\n", " ")"#)
    #expect(report["problems"] == "")
    #expect(report["html"] == html)
  }

  @Test func aDeepLinkOpensANode() throws {
    let report = try report(
      "#!/model/model.shop.dim_customer",
      """
      const texts = (selector) => [...document.querySelectorAll(selector)].map((element) => element.textContent).join("|");
      report.title = document.querySelector("h1").textContent;
      report.sections = texts("h2");
      report.columns = texts(".columns tbody td:first-child");
      report.types = texts(".columns tbody td.type");
      report.strong = texts(".prose strong");
      await until(() => document.querySelector(".code"));
      report.code = texts(".code .c");
      report.current = texts(".tree [aria-current]");
      """)
    #expect(report["problems"] == "")
    #expect(report["title"] == "dim_customer")
    #expect(report["sections"]?.hasPrefix("Lineage|Dimension|Columns") == true)
    #expect(report["columns"]?.hasPrefix("customer_key|customer_idKEY|segment") == true)
    #expect(report["columns"]?.contains("namenot in the database") == true)
    #expect(report["types"]?.hasPrefix("bigint|integer|text") == true)
    #expect(report["strong"] == "segment")
    #expect(report["code"] == "-- compiled")
    #expect(report["current"] == "dim_customer")
  }

  @Test func aFactShowsItsStar() throws {
    let report = try report(
      "#!/model/model.shop.fct_order_line",
      """
      report.text = document.querySelector("article").innerText;
      location.hash = "#!/matrix";
      await wait(100);
      report.matrix = [...document.querySelectorAll(".matrix tbody tr")].map((row) => row.querySelectorAll(".use").length).join();
      """)
    #expect(report["problems"] == "")
    for words in [
      "one row for each order_id, line_no", "ship_date_key", "As of", "over every dimension", "EUR",
    ] {
      #expect(report["text"]?.contains(words) == true, "\(words)")
    }
    #expect(report["matrix"]?.split(separator: ",").sorted() == ["2", "3"])
  }

  @Test func aFactHasADiagramThatLeadsToItsDimensions() throws {
    let report = try report(
      "#!/model/model.shop.fct_order_line",
      """
      const star = document.querySelector(".star");
      report.boxes = [...star.querySelectorAll("a")].map((box) => box.getAttribute("href")).sort().join();
      report.label = star.querySelector("svg").getAttribute("aria-label");
      report.feet = star.querySelectorAll("path.line").length;
      report.forms = [...document.querySelectorAll(".forms a")].map((link) => link.download + " " + decodeURIComponent(link.href.slice(link.href.indexOf(",") + 1)).slice(0, 9)).join("|");
      const fill = () => getComputedStyle(star.querySelector("rect.fact")).fill + getComputedStyle(star.querySelector("text.name")).fill;
      document.documentElement.dataset.theme = "light";
      const light = fill();
      document.documentElement.dataset.theme = "dark";
      report.themed = light !== fill();
      star.querySelector("a").dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
      await wait(100);
      report.title = document.querySelector("h1").textContent;
      """)
    #expect(report["problems"] == "")
    #expect(
      report["boxes"]
        == ["dim_customer", "dim_date", "dim_product", "fct_order_line"].map { "#!/model/model.shop.\($0)" }
        .joined(separator: ","))
    #expect(report["label"] == "The star of fct_order_line")
    #expect(Int(report["feet"] ?? "") ?? 0 > 8)
    #expect(
      report["forms"]
        == "fct_order_line.mmd erDiagram|fct_order_line.dot digraph s|fct_order_line.dbml Table \"di|"
        + "fct_order_line.svg <svg xmln")
    #expect(report["themed"] == "true")
    #expect(report["title"]?.hasPrefix("dim_") == true)
  }

  @Test func aDimensionShowsHowAttributesChangeAndTheMembersThatWereAskedFor() throws {
    var input = try ShopDocs.input()
    let script = """
      report.changes = [...document.querySelectorAll(".changes tbody tr")].map((row) => row.cells[0].textContent + " " + row.cells[1].textContent).join();
      report.bars = document.querySelectorAll(".timeline .version").length;
      report.current = document.querySelectorAll(".timeline .version.current").length;
      report.changed = [...document.querySelectorAll(".timeline td.changed")].map((cell) => cell.textContent).join();
      report.columns = [...document.querySelectorAll(".timeline th")].map((cell) => cell.textContent).join();
      const boxes = [...document.querySelectorAll(".timeline rect")].map((bar) => [+bar.getAttribute("x"), +bar.getAttribute("width")]);
      report.inOrder = boxes.every(([x, width], i) => width > 1 && x >= 0 && x + width <= 930 && (!i || x >= boxes[i - 1][0] + boxes[i - 1][1]));
      """
    let plain = try Browser.report(
      page: DocsPage.render(input), route: "#!/model/model.shop.dim_customer", script: script)
    #expect(plain["problems"] == "")
    #expect(plain["changes"]?.contains("segment Type 2") == true, "\(plain["changes"] ?? "")")
    #expect(plain["changes"]?.contains("customer_id") == false)
    #expect(plain["bars"] == "0")

    input.histories[NodeID("model.shop.dim_customer")] = [
      .init(
        key: ["42"],
        columns: ["customer_key", "customer_id", "segment", "name", "valid_from", "valid_to", "is_current"],
        versions: [
          ["1", "42", "<b>small</b>", "Ada", "-infinity", "2025-03-01 00:00:00", "f"],
          ["2", "42", nil, "Ada", "2025-03-01 00:00:00", "2025-06-01 12:30:00+02", "f"],
          ["9", "42", "large", "Ada", "2025-06-01 12:30:00+02", nil, "t"],
        ])
    ]
    let asked = try Browser.report(
      page: DocsPage.render(input), route: "#!/model/model.shop.dim_customer", script: script)
    #expect(asked["problems"] == "")
    #expect(asked["bars"] == "3")
    #expect(asked["current"] == "1")
    #expect(asked["changed"] == "NULL,large")
    // The name does not change and is not told.
    #expect(asked["columns"] == "customer_key,valid_from,valid_to,segment")
    #expect(asked["inOrder"] == "true")
  }

  @Test func theGraphDrawsFocusesAndLetsGo() throws {
    let report = try report(
      "#!/lineage",
      """
      const canvas = document.querySelector("#lineage canvas");
      const ink = () => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.filter((_, i) => i % 4 === 3).reduce((sum, alpha) => sum + (alpha > 0), 0);
      // Frames come when the browser is ready for them.
      for (let turn = 0; turn < 100 && ink() <= 20_000; turn++) await wait(20);
      report.ink = ink();
      const press = (id) => {
        const [clientX, clientY] = lineage.locate(id);
        for (const type of ["pointerdown", "pointerup"]) canvas.dispatchEvent(new PointerEvent(type, { clientX, clientY, pointerId: 1, bubbles: true }));
      };
      press("model.shop.dim_customer");
      report.focused = lineage.focused();
      report.said = document.getElementById("announce").textContent;
      report.panel = document.querySelector(".panel h2").textContent;
      report.hash = location.hash;
      const key = (name) => canvas.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
      key("ArrowLeft");
      report.parent = lineage.focused();
      key("Escape");
      report.free = lineage.focused();
      key("+"); key("0");
      await wait(600);
      key("ArrowRight");
      report.first = lineage.focused();
      """)
    #expect(report["problems"] == "")
    #expect(Int(report["ink"] ?? "") ?? 0 > 20_000)
    #expect(report["focused"] == "model.shop.dim_customer")
    #expect(report["said"] == "dim_customer, dimension, 1 parent, 5 children")
    #expect(report["panel"] == "dim_customer")
    #expect(report["hash"] == "#!/lineage?focus=model.shop.dim_customer")
    #expect(report["parent"] == "model.shop.stg_customers")
    #expect(report["free"] == "null")
    #expect(report["first"] != "null")
  }

  @Test func searchFindsNamesColumnsAndDescriptions() throws {
    let report = try report(
      "",
      """
      const input = document.getElementById("search");
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "/", bubbles: true }));
      report.active = document.activeElement === input;
      const find = (text) => { input.value = text; input.dispatchEvent(new Event("input")); return [...document.querySelectorAll("#results strong")].map((hit) => hit.textContent); };
      report.name = find("dim_cust")[0];
      report.column = find("total_price").includes("fct_order_line");
      report.description = find("monday")[0];
      report.none = find("zzz").length;
      find("fct");
      input.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
      report.chosen = document.querySelector('#results [aria-selected="true"] strong').textContent;
      input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
      await wait(100);
      report.opened = document.querySelector("h1").textContent;
      """)
    #expect(report["problems"] == "")
    #expect(report["active"] == "true")
    #expect(report["name"] == "dim_customer")
    #expect(report["column"] == "true")
    #expect(report["description"] == "Sales dashboard")
    #expect(report["none"] == "0")
    #expect(report["opened"] == report["chosen"])
  }

  @Test func aDescriptionCanDoNoHarm() throws {
    let report = try report(
      "#!/model/model.shop.stg_products",
      """
      await wait(200);
      const prose = document.querySelector(".lead");
      report.text = prose.textContent;
      report.elements = [...prose.querySelectorAll("*")].map((element) => element.tagName).sort().join();
      report.links = [...prose.querySelectorAll("a")].map((element) => element.href).join();
      """)
    #expect(report["problems"] == "")
    #expect(report["text"]?.contains("<img src=x onerror=") == true)
    #expect(report["elements"]?.contains("IMG") == false && report["elements"]?.contains("SCRIPT") == false)
    #expect(report["links"] == "https://example.org/x.png")
  }

  @Test func lightAndDarkAndEveryPage() throws {
    let report = try report(
      "",
      """
      const before = getComputedStyle(document.body).backgroundColor;
      document.getElementById("theme").click();
      report.switched = before !== getComputedStyle(document.body).backgroundColor;
      const empty = [];
      for (const node of whc.data.nodes) {
        location.hash = "#!/" + node.type + "/" + node.id;
        await wait(10);
        if (document.querySelector("h1").textContent !== node.name) empty.push(node.id);
      }
      for (const page of ["tests", "tests/bad", "matrix", "kind/fact", "tag/core", "macro/macro.shop.total", "lineage", "nonsense/x"]) {
        location.hash = "#!/" + page;
        await wait(30);
        if (!document.querySelector("main").childElementCount) empty.push(page);
      }
      report.empty = empty.join();
      """)
    #expect(report["problems"] == "")
    #expect(report["switched"] == "true")
    #expect(report["empty"] == "")
  }
}
