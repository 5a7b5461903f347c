{{ config(
  materialized='materialized_view',
  indexes=[{'columns': ['id']}] + ([{'columns': ['id', 'x'], 'unique': true}] if var('wider', false) else []),
  on_configuration_change=var('change', 'apply')) }}
select 1 as id, 2 as x
