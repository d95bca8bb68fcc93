"""Recognise the same record on both sides: candidates, each with the rule that found it and a status.

`match` fills `work.candidates` for one mapping:

| column | |
|---|---|
| mapping, salesforce_id, quickbooks_id | the candidate pair |
| salesforce_label, quickbooks_label | what a person calls the two records |
| rule | the match rule's name, or `decision` |
| score | 1 for a person's link and for an exact rule that may accept; else how alike the labels are, 0 to 1 |
| status | accepted, review, ambiguous or rejected (see `model.MatchStatus`) |
| reason | why, in words |

Rules are tried in the mapping's order.  A rule accepts one-to-one matches only: a key that occurs twice
among the open records of a side makes all of them ambiguous, and what was ambiguous once is at most
proposed by later rules.  The result does not depend on the order of rows.

Left out are records that the crosswalk or a person's `ignore` holds and those outside the mapping's
filter; a pair that a person called `not_a_match` is rejected, and a `link` is accepted whatever the rules
say, also in the place of an older pair.

Lines are matched within their confirmed documents only.  Several lines with the same key pair off in
their order when both documents have equally many, else the next rule tries.
"""

from workbench.matching.matches import Matches, RuleCount
from workbench.matching.rules import match

__all__ = ["Matches", "RuleCount", "match"]
