# What the helpers share: how they are asked, and how they answer. Runs in any Python from 3.7 on.
#
# A question is a line with a JSON object; each line of an answer is a JSON object with one member, which BridgeMessage.swift
# lists; the last one is "done", "broken" or "failed".
import json
import sys

sys.path[:] = [place for place in sys.path if place]  # a module in the current folder is nobody's package

ANSWERS = sys.stdout
sys.stdout = sys.stderr  # what a package prints must not get between the answers


class Failure(Exception):
    """What keeps every source from being read, and what to do about it."""

    def __init__(self, text, remedy=None):
        super().__init__(text)
        self.text = text
        self.remedy = remedy


def tell(kind, value):
    ANSWERS.write(json.dumps({kind: value}, separators=(",", ":")) + "\n")


def skipped(kind, count=1):
    if count:
        tell("skipped", [kind, count])


def points(steps, times, values, unit):
    """Tells points in pieces that a line can hold."""
    for start in range(0, len(steps), 1000):
        end = start + 1000
        tell("points", {"steps": steps[start:end], unit: times[start:end], "values": values[start:end]})


def plain(value):
    """The same value as JSON can say it."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(entry) for entry in value]
    try:
        return plain(value.item())  # a number of numpy's
    except Exception:
        return str(value)


def properties(prefix, value):
    """Tells a value under a key, nested dictionaries under dotted keys."""
    if isinstance(value, dict) and value:
        for key, entry in value.items():
            properties(prefix + "." + str(key), entry)
    else:
        tell("property", [prefix, plain(value)])


def serve(answer, failure=None):
    """Answers questions until there are no more; a failure is told instead of the greeting, and ends it."""
    if failure is not None:
        tell("failed", [failure.text, failure.remedy])
        ANSWERS.flush()
        return
    tell("hello", 1)
    ANSWERS.flush()
    for line in iter(sys.stdin.readline, ""):
        try:
            answer(json.loads(line))
            tell("done", True)
        except Failure as failure:
            tell("failed", [failure.text, failure.remedy])
        except BrokenPipeError:
            return
        except Exception as error:
            tell("broken", "what can't be read to its end (%s: %s)," % (type(error).__name__, error))
        ANSWERS.flush()
