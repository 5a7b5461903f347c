{{ config(materialized='table', grants={'select': ['whc_reader']}, persist_docs={'relation': true, 'columns': true},
   pre_hook="insert into {{ target.schema }}.runs values ('pre deps')",
   post_hook=[{"sql": "vacuum {{ this }}", "transaction": false}, "create index on {{ this }} (id)"],
   indexes=[{'columns': ['name'], 'unique': true}]) }}
with own as (select 1 as one) select e.*, one from {{ ref('eph2') }} e, own
