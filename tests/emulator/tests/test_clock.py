"""Dates of a scenario are relative to its one fixed now."""

import unittest
from datetime import datetime, timedelta, timezone

from emulator.clock import Clock, parse_instant

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=timezone.utc)


class Dates(unittest.TestCase):
    def test_ages_count_back_from_now(self):
        clock = Clock(NOW)
        self.assertEqual(clock.at("90 days ago"), NOW - timedelta(days=90))
        self.assertEqual(clock.at("1 hour ago"), NOW - timedelta(hours=1))
        self.assertEqual(clock.at("2 days, 3 hours ago"), NOW - timedelta(days=2, hours=3))
        self.assertEqual(clock.at("in 12 days"), NOW + timedelta(days=12))
        self.assertEqual(clock.at("now"), NOW)

    def test_an_absolute_date_stays(self):
        self.assertEqual(Clock(NOW).at("2020-02-29T10:00:00+02:00"), datetime(2020, 2, 29, 8, 0, tzinfo=timezone.utc))

    def test_what_is_no_date_is_refused(self):
        for text in ("soon", "90 fortnights ago", "2026-11-02T09:00:00", ""):
            with self.subTest(text), self.assertRaises(ValueError):
                Clock(NOW).at(text)

    def test_instants_are_whole_seconds_in_utc(self):
        self.assertEqual(parse_instant("2026-11-02T10:00:00.75+01:00"), NOW)


if __name__ == "__main__":
    unittest.main()
