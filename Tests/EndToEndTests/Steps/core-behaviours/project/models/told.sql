{{ config(enabled=var('told', false)) }}
{{ log('logged', info=true) }}{{ print('printed') }}{% do exceptions.warn('warned') %}
select 1 as id
