{{ config(materialized='date_dimension', start='2023-12-20', end='2027-01-10', fiscal_year_start=4, languages=['de','fr'], holidays={'from':'ref("holidays")','date':'day','name':'title'}) }}
-- whc writes it
