import LibpqWarehouse
import ProjectModel
import TestSupport
import Testing
import Warehouse

@Suite struct CatalogueTests {
  private func inDatabase(
    _ setUp: String, _ body: @Sendable (any Session) throws -> Void
  ) async throws {
    let connection = try await PrivateCluster.shared.connection()
    try await connection.perform { session in
      _ = try session.run(setUp)
      try body(session)
    }
    await connection.close()
  }

  private func name(_ identifier: String, _ schema: String = "s") -> RelationName {
    RelationName(database: "db", schema: schema, identifier: identifier)
  }

  @Test func `Relations of every kind, with owner and comment`() async throws {
    try await inDatabase(
      """
      create schema s; create schema "S"; create schema other;
      create table s.t (a int primary key); comment on table s.t is 'a table';
      create table s.p (a int) partition by range (a);
      create table s.p1 partition of s.p for values from (1) to (9);
      create view s.v as select 1 as a; create materialized view s.m as select 1 as a;
      create foreign data wrapper w; create server f foreign data wrapper w;
      create foreign table s.f (a int) server f; create sequence s.q; create table "S".upper (a int);
      create table other.t (a int)
      """
    ) { session in
      let states = try session.relations(in: [SchemaName(database: "db", schema: "s")])
      #expect(states.map(\.name.identifier) == ["f", "m", "p", "p1", "t", "v"])
      #expect(
        states.map(\.kind) == [.foreignTable, .materializedView, .table, .table, .table, .view])
      #expect(states[4].comment == "a table")
      #expect(states[4].name == self.name("t"))
      #expect(states[5].comment == nil)
      #expect(Set(states.map(\.owner)) == [EmbeddedServer.role])
      // Both the schema as written and the folded one.
      let both = try session.relations(in: [SchemaName(database: "db", schema: "S")])
      #expect(both.count == 7)
      #expect(both.contains { $0.name == self.name("upper", "S") })
      #expect(try session.relations(in: []).isEmpty)
      #expect(try session.relations(in: [SchemaName(database: nil, schema: "it's none")]).isEmpty)
      #expect(try session.schemaExists("S"))
      #expect(try !session.schemaExists("T"))
      #expect(
        try session.schemas().filter { !$0.hasPrefix("pg_") }.sorted() == [
          "S", "information_schema", "other", "public", "s",
        ])
    }
  }

  @Test func `Columns in order, for many relations in one query`() async throws {
    try await inDatabase(
      """
      create schema s; create table s.t (a int not null, gone text, "B b" numeric(10,2), c varchar(3)[]);
      alter table s.t drop column gone; create table s.none (); create view s.v as select * from s.t;
      create temp table tmp (x date)
      """
    ) { session in
      var unquoted = self.name("T")
      unquoted.quoting.identifier = false
      let temporary = RelationName(database: nil, schema: nil, identifier: "tmp")
      let columns = try session.columns(
        of: [unquoted, self.name("none"), self.name("v"), temporary, self.name("missing")])
      #expect(
        columns[unquoted] == [
          ColumnDescription(name: "a", type: "integer", isNullable: false),
          ColumnDescription(name: "B b", type: "numeric(10,2)", isNullable: true),
          ColumnDescription(name: "c", type: "character varying(3)[]", isNullable: true),
        ])
      #expect(columns[self.name("none")] == [])
      #expect(columns[self.name("v")]?.map(\.name) == ["a", "B b", "c"])
      #expect(columns[temporary]?.map(\.type) == ["date"])
      #expect(columns[self.name("missing")] == nil)
      #expect(columns.count == 4)
    }
  }

  @Test func `Views made again from their recipes are what they were`() async throws {
    let views = """
      create view s.v1 with (security_barrier=true) as select a, b from s.base where b <> ';';
      create view s."V 2" as select v1.a, x.a as y from s.v1 join s.base x using (a);
      create materialized view s.m as select y, count(*) as n from s."V 2" group by y;
      create materialized view s.empty as select * from s.m with no data;
      create unique index m_y on s.m (y); comment on view s.v1 is 'it''s one';
      comment on column s.v1.b is 'bee';
      grant select on s.v1 to public; grant insert (a), select on s.v1 to reader with grant option;
      create function s.f() returns trigger language plpgsql as 'begin return new; end';
      create trigger tr instead of insert on s.v1 for each row execute function s.f();
      alter view s.v1 owner to reader
      """
    try await inDatabase(
      """
      do $$ begin create role reader; exception when duplicate_object then null; end $$;
      create schema s; grant all on schema s to reader; create table s.base (a int, b text);
      insert into s.base values (1, 'x');
      create table s.alone (a int); grant select on s.base to reader; \(views)
      """
    ) { session in
      let base = self.name("base")
      let alone = self.name("alone")
      let before = try session.dependentViews(of: [base, alone, self.name("missing")])
      #expect(before[alone] == nil)
      let recipes = try #require(before[base])
      #expect(recipes.map(\.name.identifier) == ["v1", "V 2", "m", "empty"])
      #expect(recipes.map(\.isDirect) == [true, true, false, false])
      #expect(recipes.map(\.isMaterialized) == [false, false, true, true])
      #expect(recipes.map(\.isPopulated) == [true, true, true, false])
      #expect(recipes[0].options == ["security_barrier=true"])
      #expect(recipes[1].reads == [self.name("v1")])
      #expect(recipes[2].reads == [self.name("V 2")])
      _ = try session.run(
        """
        begin; drop table s.base cascade; create table s.base (a int, b text);
        grant select on s.base to reader
        """
      )
      for statement in recipes.flatMap({ $0.statements(session.dialect) }) { _ = try session.run(statement) }
      _ = try session.run("commit")
      #expect(try session.dependentViews(of: [base])[base] == recipes)
      #expect(
        try session.run("select relowner::regrole from pg_class where oid = 's.v1'::regclass").scalar
          == "reader")
    }
  }

  @Test func `Views that read each other do not hang the question`() async throws {
    try await inDatabase(
      """
      create schema s; create table s.t (a int); create view s.x as select a from s.t;
      create view s.y as select a from s.x;
      create or replace view s.x as select a from s.t union select a from s.y
      """
    ) { session in
      let views = try session.dependentViews(of: [self.name("t")])[self.name("t")]
      #expect(views?.map(\.name.identifier).sorted() == ["x", "y"])
    }
  }

  @Test func `Indexes, with the constraint that owns them`() async throws {
    try await inDatabase(
      """
      create schema s; create table s.t (a int primary key, b text, c jsonb);
      create unique index by_b on s.t (lower(b), a desc) include (c); create index by_c on s.t using gin (c)
      """
    ) { session in
      let indexes = try #require(try session.indexes(of: [self.name("t")])[self.name("t")])
      #expect(indexes.map(\.name) == ["by_b", "by_c", "t_pkey"])
      #expect(indexes[0].columns == ["lower(b)", "a"])
      #expect(indexes[0].isUnique)
      #expect(indexes[0].constraint == nil)
      #expect(indexes[1].method == "gin")
      #expect(indexes[2].isPrimary)
      #expect(indexes[2].constraint == "t_pkey")
      #expect(indexes[2].definition == "CREATE UNIQUE INDEX t_pkey ON s.t USING btree (a)")
    }
  }

  @Test func `Foreign keys that point at a relation`() async throws {
    try await inDatabase(
      """
      create schema s; create table s.parent (id int primary key, up int references s.parent);
      create table s.child (p int constraint fk references s.parent on delete cascade)
      """
    ) { session in
      let parent = self.name("parent")
      let keys = try session.foreignKeys(to: [parent, self.name("child")])
      #expect(
        keys == [
          parent: [
            ForeignKeyReference(
              table: self.name("child"), constraint: "fk",
              definition: "FOREIGN KEY (p) REFERENCES s.parent(id) ON DELETE CASCADE")
          ]
        ])
    }
  }

  @Test func `Grants, on the whole and on columns`() async throws {
    try await inDatabase(
      """
      do $$ begin create role "Team A"; exception when duplicate_object then null; end $$;
      create schema s; create table s.t (a int); create table s.bare (a int);
      grant select on s.t to public; grant insert, update on s.t to "Team A" with grant option;
      grant references (a) on s.t to "Team A"
      """
    ) { session in
      let all = try session.grants(of: [self.name("t"), self.name("bare")])
      #expect(all[self.name("bare")] == nil)
      let grants = try #require(all[self.name("t")]).filter { !$0.isOwners }
      let role = EmbeddedServer.role
      #expect(
        grants == [
          Grant(grantee: "Team A", privilege: "insert", isGrantable: true, grantor: role),
          Grant(grantee: "Team A", privilege: "references", grantor: role, column: "a"),
          Grant(grantee: "Team A", privilege: "update", isGrantable: true, grantor: role),
          Grant(grantee: "public", privilege: "select", grantor: role),
        ])
    }
  }

  @Test func `The catalogue has what catalog.json says`() async throws {
    try await inDatabase(
      """
      create schema s; create schema z; create table s.t (a int, gone int, b varchar(9));
      alter table s.t drop column gone; comment on table s.t is 'T'; comment on column s.t.b is 'B';
      create view z.v as select 1::bigint as n; create materialized view s.m as select 1 as x;
      create temp table hidden (a int)
      """
    ) { session in
      let schemas = ["s", "z"].map { SchemaName(database: "db", schema: $0) }
      let role = EmbeddedServer.role
      let catalogue = try session.catalogue(of: schemas)
      #expect(
        catalogue == [
          CatalogueRelation(
            name: self.name("m"), type: "MATERIALIZED VIEW", owner: role, comment: nil,
            columns: [.init(name: "x", index: 1, type: "integer", comment: nil)]),
          CatalogueRelation(
            name: self.name("t"), type: "BASE TABLE", owner: role, comment: "T",
            columns: [
              .init(name: "a", index: 1, type: "integer", comment: nil),
              .init(name: "b", index: 3, type: "character varying(9)", comment: "B"),
            ]),
          CatalogueRelation(
            name: self.name("v", "z"), type: "VIEW", owner: role, comment: nil,
            columns: [.init(name: "n", index: 1, type: "bigint", comment: nil)]),
        ])
    }
  }

  @Test func `Four thousand relations are one question`() async throws {
    try await inDatabase(
      """
      create schema s;
      do $$ begin for i in 1..400 loop execute 'create table s.t' || i || ' (a int)'; end loop; end $$
      """
    ) { session in
      let asked = (1...4000).map { self.name("t\($0)") }
      let columns = try session.columns(of: asked)
      #expect(columns.count == 400)
    }
  }
}
