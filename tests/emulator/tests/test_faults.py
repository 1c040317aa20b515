"""Faults strike what they name, as often as they say, the same way in every run."""

import unittest

from emulator.faults import FaultError, Faults


def struck(faults: Faults, name: str, calls: int, account: str = "1", region: str = "r") -> list[bool]:
    """Which of so many calls were struck."""
    return [bool(faults.strike(name, account, region)) for _ in range(calls)]


class Rules(unittest.TestCase):
    def faults(self, **words) -> Faults:
        faults = Faults()
        faults.replace([{"operation": "iam:List*", "kind": "throttle", **words}])
        return faults

    def test_a_glob_names_the_calls(self):
        faults = self.faults()
        self.assertEqual(struck(faults, "iam:ListUsers", 2), [True, True])
        self.assertEqual(struck(faults, "iam:GetUser", 1), [False])
        self.assertEqual(struck(faults, "sts:ListUsers", 1), [False])

    def test_times_ends_it_and_after_delays_it(self):
        self.assertEqual(struck(self.faults(times=1), "iam:ListUsers", 3), [True, False, False])
        self.assertEqual(struck(self.faults(after=1), "iam:ListUsers", 3), [False, True, True])
        self.assertEqual(struck(self.faults(after=1, times=1), "iam:ListUsers", 3), [False, True, False])

    def test_account_and_region_narrow_it(self):
        faults = self.faults(account="1", region="r")
        self.assertEqual(struck(faults, "iam:ListUsers", 1, account="2"), [False])
        self.assertEqual(struck(faults, "iam:ListUsers", 1, region="s"), [False])
        self.assertEqual(struck(faults, "iam:ListUsers", 1), [True])

    def test_a_probability_is_seeded(self):
        first = struck(self.faults(probability=0.3), "iam:ListUsers", 1000)
        self.assertEqual(first, struck(self.faults(probability=0.3), "iam:ListUsers", 1000))
        self.assertTrue(200 < sum(first) < 400, sum(first))

    def test_a_fault_that_means_nothing_is_refused(self):
        for words in ({"kind": "thunder"}, {"probabilty": 0.3}, {"operation": None, "kind": None}):
            with self.subTest(words), self.assertRaises((FaultError, TypeError)):
                self.faults(**words)


if __name__ == "__main__":
    unittest.main()
