"""An Optuna study behind requests on standard input, one JSON object a line, each answered by one on standard output.

    python optuna_study.py '{"storage": "study.db", "direction": "maximize", ...}'

With "share": {"index": i, "of": n} the storage is a journal that n such processes share; trials belong to the process that asked for them.
The first answer is the opened study. Requests: {"do": "ask"}, {"do": "report", "number", "step", "value"},
{"do": "tell", "number", "state", "value"}, {"do": "again", "number"}, {"do": "results"}. A refusal is {"problem": text}.
"""

import json
import math
import sys

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

#: The attribute of a trial that repeats a killed or interrupted trial: the number of that trial.
REPEATS = "repeats"
#: The attribute of a trial that holds the index of the process that runs it, among those that share the study.
SHARE = "share"
#: A number of the seed that separates the processes which share a study.
SHARE_SEEDS = 1_000_003
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


class Problem(Exception):
    """A request that cannot be met, explained for users."""


def distribution(spec):
    if spec["type"] == "categorical":
        return CategoricalDistribution(spec["choices"])
    kind = FloatDistribution if spec["type"] == "float" else IntDistribution
    step = {"step": spec["step"]} if "step" in spec else {}
    return kind(spec["low"], spec["high"], log=spec.get("log", False), **step)


def grid(spec):
    """All values of one parameter."""
    if spec["type"] == "categorical":
        return spec["choices"]
    step = spec.get("step", 1)
    count = math.floor((spec["high"] - spec["low"]) / step + 1e-9) + 1
    return [spec["low"] + i * step for i in range(count)]


class Grid(optuna.samplers.GridSampler):
    """Optuna's grid sampler, which would end a running `optimize` after the last point. Here `Study.exhausted` reports the end."""

    def after_trial(self, *_):
        pass


def sampler(name, space, seed):
    if name == "grid":
        return Grid({key: grid(spec) for key, spec in space.items()}, seed=seed)
    if name == "cmaes":
        return optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)
    return {"tpe": optuna.samplers.TPESampler, "random": optuna.samplers.RandomSampler}[name](seed=seed)


def pruner(name, startup, warmup):
    if name == "median":
        return optuna.pruners.MedianPruner(n_startup_trials=startup, n_warmup_steps=warmup)
    return optuna.pruners.HyperbandPruner() if name == "hyperband" else optuna.pruners.NopPruner()


class Study:
    def __init__(self, storage, direction, metric, space, seed, share=None, **how):
        self.space = {name: distribution(spec) for name, spec in space.items()}
        self.share = share["index"] if share else None
        self.study = optuna.create_study(
            # The locks of SQLite do not hold on all shared file systems; those of a journal do.
            storage=JournalStorage(JournalFileBackend(storage)) if share else f"sqlite:///{storage}",
            study_name="search",
            direction=direction,
            load_if_exists=True,
        )
        self.require_same(direction, metric, share)
        # Numbers drawn before the study was resumed are not drawn again.
        is_grid = how["sampler"] == "grid"
        self.points = math.prod(len(grid(spec)) for spec in space.values()) if is_grid else math.inf
        first = seed + len(self.study.trials) + SHARE_SEEDS * (self.share or 0)
        self.study.sampler = sampler(how["sampler"], space, first)
        self.study.pruner = pruner(how["pruner"], how["startup"], how["warmup"])
        self.running = {}
        for trial in self.own((TrialState.RUNNING,)):
            self.again(trial.number)

    def own(self, states):
        """Returns the trials of this process and of earlier ones in its place."""
        trials = self.study.get_trials(deepcopy=False, states=states)
        return [trial for trial in trials if trial.user_attrs.get(SHARE) == self.share]

    def require_same(self, direction, metric, share):
        """@raises Problem when the study on disk is another one"""
        parts = share["of"] if share else None
        held = self.study.user_attrs.get("parts", parts)
        if held != parts:
            raise Problem(f"holds a search in {held} parts; give --array i/{held}, or another --out")
        self.study.set_user_attr("parts", parts)
        earlier = self.study.user_attrs.get("metric", metric)
        if earlier != metric:
            raise Problem(f"holds a study of {earlier}, not of {metric}; give another --out, or --metric {earlier}")
        if self.study.direction.name.lower() != direction:
            held = self.study.direction.name.lower()
            raise Problem(f"holds a study that is to {held} {metric}; give another --out, or --direction {held}")
        self.study.set_user_attr("metric", metric)
        known = {name: kind for trial in self.study.trials for name, kind in trial.distributions.items()}
        for name, kind in self.space.items():
            try:
                optuna.distributions.check_distribution_compatibility(known.get(name, kind), kind)
            except ValueError as error:
                raise Problem(f"holds a study in another space ({name}: {error}); give another --out") from error

    def opened(self):
        finished = len({trial.number for trial in self.own(FINISHED)} - self.interrupted())
        return {"finished": finished, "points": self.points if self.points < math.inf else None}

    def interrupted(self):
        """Returns the numbers of the trials that are repeated."""
        trials = self.study.get_trials(deepcopy=False)
        return {trial.user_attrs[REPEATS] for trial in trials if REPEATS in trial.user_attrs}

    def exhausted(self):
        """Whether every point of a grid was requested; only interrupted ones are requested twice."""
        begun = [trial for trial in self.study.get_trials(deepcopy=False) if trial.state != TrialState.WAITING]
        return len(begun) - len(self.interrupted()) >= self.points

    def ask(self):
        if self.exhausted():
            return {"exhausted": True}
        trial = self.study.ask(self.space)
        trial.set_user_attr(SHARE, self.share)
        self.running[trial.number] = trial
        return {"number": trial.number, "params": trial.params}

    def report(self, number, step, value):
        trial = self.running[number]
        trial.report(value, step)
        return {"prune": bool(trial.should_prune())}

    def tell(self, number, state, value=None):
        trial = self.running.pop(number)
        if state == "pruned":
            self.study.tell(trial, state=TrialState.PRUNED)
        elif state == "failed":
            self.study.tell(trial, state=TrialState.FAIL)
        else:
            self.study.tell(trial, value)
        return {}

    def again(self, number):
        """Marks a trial that was killed or interrupted as failed; the next trial gets its parameters."""
        self.running.pop(number, None)
        trial = self.study.tell(number, state=TrialState.FAIL)
        self.study.enqueue_trial(trial.params, user_attrs={REPEATS: number})
        return {}

    def results(self):
        trials = self.study.get_trials(deepcopy=False, states=FINISHED)
        interrupted = self.interrupted()
        return {
            "trials": [
                {
                    "number": trial.number,
                    "state": "interrupted" if trial.number in interrupted else STATES[trial.state],
                    "value": trial.value if trial.state == TrialState.COMPLETE else None,
                    "params": trial.params,
                    "seconds": trial.duration.total_seconds() if trial.duration else 0,
                    "reported": sorted(trial.intermediate_values.items()),
                }
                for trial in trials
            ],
            "importances": self.importances(),
        }

    def importances(self):
        """Returns the importances by Optuna's own evaluator; empty while there are too few trials, or all are equal."""
        try:
            return optuna.importance.get_param_importances(self.study)
        except (ValueError, RuntimeError):
            return {}


STATES = {TrialState.COMPLETE: "completed", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}


def answer(make):
    try:
        found = make()
    except Problem as problem:
        found = {"problem": str(problem)}
    print(json.dumps(found), flush=True)


def main(options):
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    optuna.logging.disable_default_handler()
    study = None

    def opened():
        nonlocal study
        study = Study(**json.loads(options))
        return study.opened()

    answer(opened)
    for line in sys.stdin:
        request = json.loads(line)
        method = getattr(study, request.pop("do"))
        answer(lambda: method(**request))


if __name__ == "__main__":
    main(sys.argv[1])
