"""The AWS that probity's end-to-end tests talk to.

One process answers the AWS APIs over HTTP for a *scenario*: a described organization with its accounts. IAM state
lives in moto's in-memory backends, seeded in process so that ages, last uses and root credentials can be what the
scenario says; `services/` answers what moto lacks or gets wrong. Every answer is checked against botocore's copy of
the AWS API model before it leaves. `README.md` says how to run it and how a scenario is written.
"""
