{{ config(materialized='audited', pre_hook=[{'sql': 'create table if not exists shop.log (what text)', 'transaction': false}, "insert into shop.log values ('pre')"], post_hook="insert into shop.log values ('post {{ this.identifier }}')") }}
select 1 as id union all select 2
