"""whc builds Facts/ through the stand-in: nothing is refused, and the rows are those that it makes on PostgreSQL.

    python test_facts.py PROGRAM
"""

import sys
import unittest

import facts
from stand_in.postgres import PrivatePostgres

PROGRAM = sys.argv.pop() if len(sys.argv) > 1 else "whc"


class FactsTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.postgres = PrivatePostgres()

    @classmethod
    def tearDownClass(cls):
        cls.postgres.stop()

    def check(self, outcome):
        self.assertEqual(outcome.failures, [], "\n".join(outcome.failures))
        self.assertEqual(outcome.refusals, [])
        found = facts.differences(outcome.rows)
        self.assertEqual(found, [], "\n".join(found))

    def test_rows_are_those_on_postgresql_whatever_happens(self):
        faults = [("serialization", 2, "insert into .*dim_customer"), ("disconnect", 1, "create temporary .*whc_stage"),
                  ("dropped", 1, "create table .*bridge_team")]
        outcome = facts.build(PROGRAM, self.postgres, faults=faults)
        self.check(outcome)
        self.assertGreater(outcome.met, 3)
        self.assertEqual(len(outcome.rows["redshift"]["fct_line"]), 10)
        wanted = {"dim_date": ("ALL", "date_key"), "dim_customer": ("ALL", "customer_key"),
                  "fct_line": ("KEY(customer_key)", "order_date_key"), "fct_order": ("KEY(customer_key)", "placed_date_key")}
        self.assertEqual({n: d for n, d in outcome.designs.items() if n in wanted}, wanted)
        self.assertEqual(outcome.keys, ["dim_agent p", "dim_customer p", "dim_date p", "dim_load p", "dim_order_flags p"])


if __name__ == "__main__":
    unittest.main()
