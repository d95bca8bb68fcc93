"""Step 3: log level, and who is told of the results of runs."""

from __future__ import annotations

from workbench.asking import Asker, Question
from workbench.profile import LOG_LEVELS, RESULTS, Profile, change_settings, checks
from workbench.profile.writing import Value
from workbench.quickstart.steps import Context, Standing, Step, done, explained, to_do

LEVELS = {
    "NONE": "nothing",
    "DEBUG": "each call in a line: how long it took, and how much it carried",
    "VERBOSE": "and what was asked and answered, without customers' rows",
    "ALL": "and everything else, customers' rows too; kept 3 days",
}


def standing(context: Context) -> Standing:
    """Done when somebody has settled it: the defaults would do, too."""
    profile = context.profile()
    if when := context.settled(STEP.name):
        return done(f"{_told(profile)} (settled {when})")
    return to_do(_told(profile))


def walk(context: Context, asker: Asker) -> None:
    """Ask for each; what is not active yet is said."""
    profile = context.profile()
    log_level, email, results, schedule = _questions(profile)
    asker.tell(explained(LEVELS))
    changes: dict[tuple[str, ...], Value] = {
        ("log_level",): asker.ask(log_level),
        ("email",): asker.ask(email),
    }
    if changes["email",]:
        asker.tell(explained(RESULTS))
        changes["email_results",] = _several(asker.ask(results))
    changes["schedule",] = _several(asker.ask(schedule), ";")
    after = change_settings(profile.folder, changes)
    context.settle(STEP.name)
    asker.tell("\n  ".join([f"✓ log level {after.log_level}", *after.inactive.values()]))


def _questions(profile: Profile) -> tuple[Question, Question, Question, Question]:
    return (
        Question(
            key="advanced.log_level",
            text="What is written down of the Web Connector's calls",
            default=profile.log_level,
            choices=LOG_LEVELS,
        ),
        Question(
            key="advanced.email",
            text="E-mail address for the result of every run (- for none)",
            default=profile.email or "",
            optional=True,
            check=checks.email,
        ),
        Question(
            key="advanced.email_results",
            text="Which results",
            default=", ".join(profile.email_results),
            check=lambda text: checks.results(list(_several(text))),
        ),
        Question(
            key="advanced.schedule",
            text="When to run, e.g. 06:00; Mon-Fri 22:30 (- for never)",
            default="; ".join(profile.schedule),
            optional=True,
            check=lambda text: checks.schedule(list(_several(text, ";"))),
        ),
    )


def _several(text: str, separator: str = ",") -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(separator) if each.strip())


def _told(profile: Profile) -> str:
    waiting = "; ".join(profile.inactive.values())
    return f"log level {profile.log_level}" + (f"; {waiting}" if waiting else "; nobody gets results")


STEP = Step(
    name="advanced",
    title="Advanced properties",
    does="How much is logged, and who gets the result of every run.",
    keys=tuple(f"advanced.{name}" for name in ("log_level", "email", "email_results", "schedule")),
    standing=standing,
    walk=walk,
    questions=lambda context: _questions(context.profile()),
)
