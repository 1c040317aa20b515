"""IAM Access Analyzer: analyzers by Region, what they found, and the filters of the list."""

import unittest

from .asking import Asked, code_of


class AccessAnalyzer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.asked = Asked("neglected")
        cls.analyzer = cls.asked.client("accessanalyzer")

    @classmethod
    def tearDownClass(cls):
        cls.asked.__exit__()

    def arn(self, name: str) -> str:
        return next(a["arn"] for a in self.analyzer.list_analyzers()["analyzers"] if a["name"] == name)

    def found(self, **filters) -> set[str]:
        demands = {key: {"eq": values} for key, values in filters.items()}
        answer = self.analyzer.list_findings_v2(analyzerArn=self.arn("from-a-tutorial"), filter=demands)
        return {finding["resource"].rsplit(":", 1)[-1] for finding in answer["findings"]}

    def test_an_analyzer_is_seen_in_its_own_region(self):
        elsewhere = self.asked.client("accessanalyzer", "eu-west-1")
        self.assertEqual(elsewhere.list_analyzers()["analyzers"], [])
        self.assertEqual(len(self.analyzer.list_analyzers()["analyzers"]), 2)
        self.assertEqual(len(self.analyzer.list_analyzers(type="ACCOUNT")["analyzers"]), 1)

    def test_settings_are_told_of_one_analyzer_and_not_in_the_list(self):
        listed = self.analyzer.list_analyzers(type="ACCOUNT_UNUSED_ACCESS")["analyzers"][0]
        self.assertNotIn("configuration", listed)
        whole = self.analyzer.get_analyzer(analyzerName="also-from-a-tutorial")["analyzer"]
        self.assertEqual(whole["configuration"]["unusedAccess"]["unusedAccessAge"], 365)

    def test_findings_are_filtered(self):
        self.assertEqual(self.found(isPublic=["true"], status=["ACTIVE"]), {"dusty-downloads", "role/anyone"})
        self.assertEqual(self.found(isPublic=["true"], status=["ARCHIVED"]), {"dusty-backups"})
        self.assertEqual(self.found(resourceType=["AWS::SQS::Queue"]), {"orders"})

    def test_findings_come_in_pages(self):
        pages = list(self.analyzer.pages("ListFindingsV2", analyzerArn=self.arn("from-a-tutorial"), maxResults=2))
        self.assertEqual([len(page["findings"]) for page in pages], [2, 2, 1])

    def test_what_is_not_there_is_an_error(self):
        missing = code_of(lambda: self.analyzer.get_analyzer(analyzerName="nothing"))
        self.assertEqual(missing, "ResourceNotFoundException")


class EveryRegion(unittest.TestCase):
    def test_one_that_is_everywhere_is_one_in_each_region(self):
        with Asked("clean") as clean:
            arns = {
                clean.client("accessanalyzer", region).list_analyzers(type="ORGANIZATION")["analyzers"][0]["arn"]
                for region in ("us-east-1", "eu-west-1")
            }
        self.assertEqual(len(arns), 2)


if __name__ == "__main__":
    unittest.main()
