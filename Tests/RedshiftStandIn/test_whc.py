"""whc builds Shop/ through the stand-in: nothing is refused, and what stands in the database then is what dbt-redshift makes.

    python test_whc.py PROGRAM

Shop.expected.json holds dbt-redshift's result; `make redshift-compare` writes it.
"""

import json
import sys
import unittest

from shop import EXPECTED, build, differences
from stand_in.postgres import PrivatePostgres

PROGRAM = sys.argv.pop() if len(sys.argv) > 1 else "whc"


class ShopTest(unittest.TestCase):
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
        found = differences(json.loads(EXPECTED.read_text()), outcome.relations)
        self.assertEqual(found, [], "expected and found:\n" + "\n".join(found))

    def test_result_is_that_of_dbt_redshift(self):
        outcome = build(PROGRAM, self.postgres)
        self.check(outcome)
        self.assertEqual(outcome.catalogue["late_customers"][0], "LATE BINDING VIEW")
        self.assertEqual(outcome.catalogue["totals_mv"][0], "MATERIALIZED VIEW")

    def test_conflicts_and_broken_connections_are_overcome(self):
        faults = [("serialization", 3, "insert into .*orders"), ("dropped", 1, "customer_totals"), ("oid", 1, "contracted"),
                  ("disconnect", 1, "create .*people"), ("disconnect", 1, "insert into .*customers")]
        outcome = build(PROGRAM, self.postgres, faults=faults)
        self.check(outcome)
        self.assertGreater(outcome.met, 6)


if __name__ == "__main__":
    unittest.main()
