import DocsSite
import ProjectModel
import Testing

/// The lineage graph in a browser: columns, ways, filters, addresses.
@Suite(
  .enabled(if: Browser.path != nil, "no Chromium is installed; 'make test' installs one"), .serialized)
struct DocsGraphTests {
  private static let chain = DocsPage.render(LineageDocs.chain)

  @Test func aColumnIsFollowedFromItsSourceToItsReaders() throws {
    let report = try Browser.report(
      page: Self.chain, route: "#!/lineage?focus=model.shop.lines&column=amount",
      script: """
        const canvas = document.querySelector("#lineage canvas");
        const press = (id, column, shiftKey) => {
          const [clientX, clientY] = lineage.locate(id, column);
          for (const type of ["pointerdown", "pointerup"]) canvas.dispatchEvent(new PointerEvent(type, { clientX, clientY, pointerId: 1, bubbles: true, shiftKey }));
        };
        const key = (name) => canvas.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
        const steps = () => lineage.steps().map((step) => step.map((part) => String(part).replace(/^.*[.]/, "")).join(" ")).sort().join();
        report.steps = steps();
        report.rows = lineage.rows("model.shop.sums").join();
        report.legend = [...document.querySelectorAll(".legend .how")].map((entry) => entry.textContent).join();
        report.panel = document.querySelector(".panel .chosen").textContent;
        press("model.shop.stg", "amount");
        report.pressed = location.hash;
        key("ArrowUp");
        report.above = document.querySelector('.picks [aria-pressed="true"]').textContent;
        report.city = steps();
        report.said = document.getElementById("announce").textContent;
        key("Escape");
        report.node = location.hash;
        key("c");
        report.first = location.hash;
        [...document.querySelectorAll(".acts button")].find((button) => button.textContent === "Columns").click();
        key("Escape");
        report.all = lineage.rows("model.shop.stg").join() + " " + steps();
        report.address = location.hash;
        """)
    #expect(report["problems"] == "")
    #expect(
      report["steps"]
        == "lines amount sums total aggregate,orders amount stg amount copy,stg amount lines amount copy")
    #expect(report["rows"] == "total")
    #expect(report["legend"] == "copied,aggregated")
    #expect(report["panel"] == "Column amount")
    #expect(report["pressed"] == "#!/lineage?focus=model.shop.stg&column=amount")
    #expect(report["above"] == "city")
    #expect(
      report["city"] == "lines city sums city copy,orders city stg city transform,stg city lines city copy")
    #expect(report["said"] == "Column city of stg, made of 1 column, read by 1")
    #expect(report["node"] == "#!/lineage?focus=model.shop.stg")
    #expect(report["first"] == "#!/lineage?focus=model.shop.stg&column=order_id")
    #expect(report["all"]?.hasPrefix("order_id,city,amount ") == true)
    #expect(report["all"]?.contains("orders deleted stg null use") == true)
    #expect(report["address"] == "#!/lineage?focus=model.shop.stg&columns=1")
  }

  @Test func theTableOfColumnsSaysWhereEachComesFrom() throws {
    let report = try Browser.report(
      page: Self.chain, route: "#!/model/model.shop.stg?column=city",
      script: """
        report.origin = [...document.querySelectorAll(".origin")].map((cell) => cell.textContent).join("|");
        report.chosen = document.querySelector("tr.chosen td").textContent;
        report.uses = document.querySelector(".uses").textContent;
        document.querySelector(".origin .mono").click();
        await wait(100);
        report.source = document.querySelector("h1").textContent + " " + document.querySelector("tr.chosen td").textContent;
        """)
    #expect(report["problems"] == "")
    #expect(
      report["origin"]
        == "copied from raw.orders.idread by 1|made of raw.orders.cityread by 1|copied from raw.orders.amountread by 1"
    )
    #expect(report["chosen"] == "city")
    #expect(report["uses"] == "Filters, joins or orders by raw.orders.deleted")
    #expect(report["source"] == "raw.orders id")
  }

  @Test func waysBetweenTwoNodesAreFoundByAddressSearchAndShift() throws {
    let report = try Browser.report(
      page: DocsPage.render(try ShopDocs.input()),
      route: "#!/lineage?focus=model.shop.dim_product&to=exposure.shop.sales_dashboard",
      script: """
        const names = () => lineage.shown().map((id) => id.replace(/^.*[.]/, "")).sort().join();
        report.address = names();
        report.panel = document.querySelector(".panel .chosen").textContent;
        const canvas = document.querySelector("#lineage canvas");
        canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
        [...document.querySelectorAll(".acts button")].find((button) => button.textContent === "Way to …").click();
        const input = document.getElementById("search");
        report.asks = (document.activeElement === input) + " " + input.placeholder;
        input.value = "mart_daily";
        input.dispatchEvent(new Event("input"));
        input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
        report.search = location.hash;
        report.found = names();
        location.hash = "#!/lineage?focus=model.shop.stg_customers&to=model.shop.stg_products";
        await wait(100);
        report.none = document.querySelector(".panel .chosen").textContent;
        """)
    #expect(report["problems"] == "")
    #expect(
      report["address"]?.contains("dim_product") == true
        && report["address"]?.contains("sales_dashboard") == true)
    #expect(report["address"]?.contains("dim_customer") == false)
    #expect(report["panel"] == "Ways between it and Sales dashboard")
    #expect(report["asks"] == "true Way from dim_product to …")
    #expect(report["search"] == "#!/lineage?focus=model.shop.dim_product&to=model.shop.mart_daily_sales")
    #expect(report["found"] == "dim_product,fct_order_line,mart_daily_sales")
    #expect(report["none"] == "No way leads between it and stg_products")
  }

  @Test func filtersHideAndStandInTheAddress() throws {
    let report = try Browser.report(
      page: DocsPage.render(try ShopDocs.input()), route: "#!/lineage",
      script: """
        const before = lineage.shown().length;
        const button = (name) => [...document.querySelectorAll(".legend button")].find((entry) => entry.textContent.includes(name));
        button("Dimension").click();
        report.kind = lineage.shown().some((id) => id.includes("dim_")) + " " + location.hash;
        const colour = document.querySelector('[aria-label="Colour by"]');
        colour.value = "result";
        colour.dispatchEvent(new Event("change"));
        button("Failed").click();
        report.result = lineage.shown().includes("model.shop.mart_daily_sales") + " " + location.hash;
        location.hash = "#!/lineage?tag=core";
        await wait(100);
        report.tag = lineage.shown().length > 0 && lineage.shown().length < before;
        report.select = document.querySelector('[aria-label="Only with a tag"]').value;
        """)
    #expect(report["problems"] == "")
    #expect(report["kind"] == "false #!/lineage?without=dimension")
    #expect(report["result"] == "false #!/lineage?colour=result&without=dimension,bad")
    #expect(report["tag"] == "true")
    #expect(report["select"] == "core")
  }

  @Test func fiveThousandNodesAreDrawnSearchedAndFocused() throws {
    let report = try Browser.report(
      page: DocsPage.render(LineageDocs.large(count: 5_000)), route: "#!/lineage",
      script: """
        const canvas = document.querySelector("#lineage canvas");
        const ink = () => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.filter((_, i) => i % 4 === 3).reduce((sum, alpha) => sum + (alpha > 0), 0);
        await until(() => ink() > 50_000);
        report.ink = ink() > 50_000;
        report.shown = lineage.shown().length;
        const points = whc.data.layout.points, xs = points.map((point) => point[0]), ys = points.map((point) => point[1]);
        const width = Math.max(...xs) - Math.min(...xs), height = Math.max(...ys) - Math.min(...ys);
        report.fits = width / height > 0.6 && width / height < 4;
        report.apart = new Set(points.map(String)).size;
        const input = document.getElementById("search");
        input.value = "m_4321";
        input.dispatchEvent(new Event("input"));
        input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
        report.focused = lineage.focused();
        report.alone = lineage.shown().length;
        for (let i = 0; i < 30; i++) canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: -200, clientX: 700, clientY: 450, bubbles: true, cancelable: true }));
        location.hash = "#!/kind/model";
        await wait(200);
        report.rows = document.querySelectorAll("tbody tr").length;
        document.querySelector(".more").click();
        report.more = document.querySelectorAll("tbody tr").length + " " + document.querySelector(".more").textContent;
        """)
    #expect(report["problems"] == "")
    #expect(report["ink"] == "true")
    #expect(report["shown"] == "5000")
    #expect(report["fits"] == "true")
    #expect(report["apart"] == "5000")
    #expect(report["focused"] == "model.shop.m_4321")
    // Itself, and two, three, four and five nodes in the layers before it.
    #expect(report["alone"] == "15")
    #expect(report["rows"] == "200")
    #expect(report["more"] == "1200 Show 1,000 of 3,800 more")
  }
}
