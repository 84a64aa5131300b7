"""Guards: which changes of served facts wait for a person, field by field.

Pure: no input or output, no clock. `judge` looks at one model's changes, beside the
`Market` of what is accepted; `judge_batch` at all prices of a provider in a sync;
`judge_answer` at a whole answer; `released` tells when two sources overrule a doubt.
(The guards of `catalog.merging` come before: they weigh sources against each other.)
"""

from __future__ import annotations

from modeldex.domain.syncing import Doubt
from modeldex.usecases.guard.answers import ANSWER_RULES, judge_answer
from modeldex.usecases.guard.batch import BATCH_RULES, judge_batch
from modeldex.usecases.guard.case import changed_fields
from modeldex.usecases.guard.judge import RULES, Rule, judge
from modeldex.usecases.guard.market import Market
from modeldex.usecases.guard.release import independent, released

__all__ = [
    "ANSWER_RULES",
    "BATCH_RULES",
    "RULES",
    "Doubt",
    "Market",
    "Rule",
    "changed_fields",
    "independent",
    "judge",
    "judge_answer",
    "judge_batch",
    "released",
]
