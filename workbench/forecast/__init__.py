"""The plan applied to copies: what each system would answer and hold, before anybody approves it.

    forecast(connection, changeset, ...) -> Forecast   what becomes of each change, and both sides afterwards
    converge(forecast, inputs) -> Convergence          whether a new plan would be empty then

One mechanism for three questions: what becomes of each change, whether a new plan would be empty then, and
what becomes of the money.  The copies hold what the changes touch and refer to, not the whole company.
"""

from workbench.forecast.converge import Convergence, Returning, converge
from workbench.forecast.forecast import Forecast, forecast
from workbench.forecast.model import Prediction
from workbench.forecast.seen import Seen, seen, sightings

__all__ = [
    "Convergence",
    "Forecast",
    "Prediction",
    "Returning",
    "Seen",
    "converge",
    "forecast",
    "seen",
    "sightings",
]
