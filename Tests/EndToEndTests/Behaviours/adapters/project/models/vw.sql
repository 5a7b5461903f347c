{{ config(materialized='view', persist_docs={'relation': true, 'columns': true}, grants={'select': ['whc_reader']}) }} select id as "Id", name from {{ ref('deps') }}
