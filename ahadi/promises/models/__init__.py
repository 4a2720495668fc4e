"""What was promised, who was told of it, and the policies that set targets."""

from ahadi.promises.models.alarm import Alarm
from ahadi.promises.models.policy import Policy
from ahadi.promises.models.promise import Promise
from ahadi.promises.models.target import Progress, Target

__all__ = ["Alarm", "Policy", "Progress", "Promise", "Target"]
