-- model.shop.dim_load
-- surrogate_key is proved: a load makes its key of its time and itself

-- one transaction; may be sent again
begin;
-- prepare
create table if not exists "star"."dim_load" (
  "load_key" bigint not null,
  "invocation_id" text,
  "node" text,
  "target" text,
  "whc_version" text,
  "code_checksum" text,
  "started_at" timestamp with time zone,
  "finished_at" timestamp with time zone,
  "rows_read" bigint,
  "rows_inserted" bigint,
  "rows_updated" bigint,
  "rows_unknown" bigint,
  "warnings" integer,
  "checks" text
);
-- main, counts the rows
insert into "star"."dim_load" ("load_key", "invocation_id", "node", "target", "whc_version", "code_checksum", "checks")
select -1, 'Unknown', 'Unknown', 'Unknown', 'Unknown', 'Unknown', 'Unknown'
where not exists (select 1 from "star"."dim_load" where "load_key" = -1);
-- main, counts the rows
insert into "star"."dim_load" ("load_key", "invocation_id", "node", "target", "whc_version", "code_checksum", "checks")
select -2, 'Not applicable', 'Not applicable', 'Not applicable', 'Not applicable', 'Not applicable', 'Not applicable'
where not exists (select 1 from "star"."dim_load" where "load_key" = -2);
commit;
