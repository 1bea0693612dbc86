"""Networks as students of a language model: how right they are, and what a pair costs.

    python benchmarks/distill_networks.py --data FOLDER --model NAME --encoder FOLDER --keep FILE
        [--sets ...]
    python benchmarks/distill_networks.py --data FOLDER --model NAME --encoder FOLDER
        --llm URL --server PID --ask N --sets minerals/gbw

The first teaches networks by the answers in `benchmarks/answers`, as `sameas distill --matcher
pair-classifier` does, and by the answers alone; one call measures some sets, and a JSON file
keeps what others measured. The second measures the time of teacher and students
in one run: N new questions, the CPU time of the server's process; networks in ONNX Runtime;
records encoded once; the forest. Networks read what they read by default in a linker: the
distance in words instead of coordinates.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np

from common import about, table, write_json, write_section
from distill import calibrated, said
from kept_answers import DIGITS, keep, read_kept
from llm_pairs import SETS, LabelledSet, draw, keys_of, labeler_of, open_set
from sameas.core.pair_key import pair_key
from sameas.labeling import agreement, split_by_group
from sameas.linker import PairClassifier, network_for_few
from sameas.linker.pair_classifier import DISTANCE, metres_of
from sameas.linker.pair_lesson import NetworkLesson, network_lesson, unlabelled_pairs
from sameas.linker.pair_network import PairNetwork, Texts, record_columns, train_network
from sameas.linker.student import Classroom, Lesson, population_weights, teach
from sameas.models import load_encoder
from sameas.models.client import Client, Endpoint
from sameas.models.pairs import Serialisation


class Kind(NamedTuple):
    """A network: first layers of six, 8 bits a weight or 32, form of a record.

    `alone`: taught by the answers, without what a forest says of further pairs.
    """

    layers: int | None = None
    int8: bool = True
    form: str = "attributes"
    alone: bool = False


KINDS = {
    "all layers, 32 bits": Kind(int8=False),
    "all layers, 8 bits": Kind(),
    "first 3 layers, 8 bits": Kind(layers=3),
    "all layers, 8 bits, values": Kind(form="values"),
    "first 3 layers, 8 bits, values": Kind(3, form="values"),
    "all layers, 8 bits, answers alone": Kind(alone=True),
    "first 3 layers, 8 bits, answers alone": Kind(3, alone=True),
}


#: What a user gets, and the column of its time.
DEFAULT, SPENT = "all layers, 8 bits", "CPU s"


class Reading:
    """A labelled set as networks read it by default: with the distance in words."""

    def __init__(self, one: LabelledSet) -> None:
        self.one, self.job = one, one.pool.job
        self.told = DISTANCE in self.job.spec.base_names()
        self.form = Serialisation(distance="text" if self.told else None)
        fields = tuple(
            field.name for field in self.job.spec.fields
            if not (self.told and field.kind in ("latitude", "longitude"))
        )  # fmt: skip
        self.columns: Texts = record_columns(self.job.records, fields)

    def metres(self, rows: np.ndarray) -> np.ndarray | None:
        """Return how far apart the records of pairs lie."""
        left, right = self.one.left[rows], self.one.right[rows]
        features = self.job.features(left, right, self.job.listed(left, right))
        return metres_of(self.form, features, self.job.spec.base_names())

    def taught(self, spec: PairClassifier, lesson: NetworkLesson, metres: Any) -> PairNetwork:
        """Teach a network; the last weights are taken."""
        form = replace(self.form, form=(spec.form or self.form).form)
        return train_network(self.columns, lesson.pairs, lesson.parts, target=lesson.target,
                             spec=replace(spec, form=form), metres=metres)  # fmt: skip

    def some(self, spec: PairClassifier, rows: np.ndarray, label: np.ndarray) -> PairNetwork:
        """Teach a network whose time is to be measured: one epoch."""
        pairs = self.one.left[rows], self.one.right[rows], label
        everything, metres = np.ones(len(rows), bool), self.metres(rows)
        lesson = NetworkLesson(pairs, (everything, ~everything), np.zeros((0, 0), np.float32), None)
        brief = replace(spec, options=replace(spec.options, epochs=1))
        return self.taught(brief, lesson, metres)

    def odds(self, network: PairNetwork, rows: np.ndarray, metres: Any) -> np.ndarray:
        """Return the log-odds of pairs by a network."""
        return network.log_odds(self.columns, self.one.left[rows], self.one.right[rows], metres)


def spec_of(encoder: str, kind: str) -> PairClassifier:
    """Return the settings of a kind of network."""
    one = KINDS[kind]
    spec = network_for_few(encoder, layers=one.layers)
    options = replace(spec.options, precision="bfloat16")
    return replace(spec, int8=one.int8, form=Serialisation(one.form), options=options)


def answers_alone(spec: PairClassifier, count: int) -> PairClassifier:
    """Return settings for so many answers and nothing else."""
    options = replace(spec.options, epochs=max(6, round(1500 / count)), batch_size=16)
    return replace(spec, unlabelled=0, options=options)


def cross_fitted(
    reading: Reading, room: Classroom, label: np.ndarray, rows: np.ndarray, halves: np.ndarray,
    network: tuple[str, str],
) -> np.ndarray:  # fmt: skip
    """Return the log-odds of pairs by networks that were taught by the other half of them."""
    one, odds = reading.one, np.zeros(len(rows))
    job, left, right = room.job, one.left[rows], one.right[rows]
    features, spec = room.features(left, right), spec_of(*network)
    names = job.spec.names()
    form = Serialisation(distance=reading.form.distance)
    for half in (0, 1):
        mine, rest = halves == half, halves != half
        pairs, own = (left[rest], right[rest], label[rest]), features[rest]
        first = job.spec.matcher.fit(own, label[rest], names=names, seed=job.spec.seed)
        if KINDS[network[1]].alone:
            spec = answers_alone(spec, int(rest.sum()))
        more = unlabelled_pairs(job, spec, first, pair_key(left, right), room.opinion)
        everything = np.ones(int(rest.sum()), bool)
        lesson = network_lesson(pairs, own, (everything, ~everything), more, first)
        taught = reading.taught(spec, lesson, metres_of(form, lesson.features, names))
        odds[mine] = reading.odds(taught, rows[mine], metres_of(form, features[mine], names))
    return odds


def judge(arguments: argparse.Namespace, name: str) -> dict[str, Any]:
    """Return the row of one set: networks taught by the labels of one half, judged on the other."""
    one, rows, chance, truth = calibrated(arguments, name)
    label = chance["student, beside the score"] >= 0.5
    room = Classroom.open(one.pool.job, one.pool.cheap)
    lesson = Lesson(one.left[rows], one.right[rows], label, population_weights(one.score, rows))
    forest = teach(room, lesson, folds=2)
    halves = split_by_group(lesson.left, lesson.right, seed=0, shares=[0.5, 0.5],
                            names=("0", "1")).part  # fmt: skip
    reading = Reading(one)
    row = {
        "set": name, "answers": len(rows), "matches": int(truth.sum()),
        "teacher": said(agreement(chance["student"] >= 0.5, truth)),
        "teacher, beside the score": said(agreement(label, truth)),
        "forest": said(agreement(forest.decision, truth)),
    }  # fmt: skip
    for kind in arguments.kinds:
        begin = time.process_time()
        odds = cross_fitted(reading, room, label, rows, halves, (arguments.encoder, kind))
        row[kind] = said(agreement(odds >= 0, truth))
        if kind == DEFAULT:
            row[SPENT] = round((time.process_time() - begin) / 2)
    return row


def cpu_of(process: int) -> float:
    """Return the CPU seconds of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(arguments: argparse.Namespace, one: LabelledSet) -> tuple[int, float, np.ndarray, Any]:
    """Ask new questions; return how many, CPU seconds each, and the rows with answers."""
    labeler, shown = labeler_of(one, arguments.examples)
    endpoint = Endpoint(arguments.llm, arguments.model, concurrency=1, timeout=900)
    keys, kept = keys_of(one, labeler, endpoint), read_kept(arguments.model)
    asked = np.array([key[:DIGITS] in kept for key in keys])
    new = draw(one, asked, shown, int(asked.sum()) + arguments.ask + 1)
    with Client(endpoint) as client:
        labeler.ask(*one.sides(new[:1]), client)  # the examples are read once
        begin = cpu_of(arguments.server)
        found = labeler.ask(*one.sides(new[1:]), client)
        spent = (cpu_of(arguments.server) - begin) / int(found.answered.sum())
        keep(client, [keys[row] for row in new])
    rows = np.flatnonzero(asked)
    return len(new) - 1, spent, rows, [kept[keys[row][:DIGITS]] for row in rows]


def times_of(arguments: argparse.Namespace, name: str) -> list[list[Any]]:
    """Return CPU seconds a pair of the teacher and of its students, in one run."""
    one = open_set(arguments.data, name)
    count, teacher, rows, kept = ask(arguments, one)
    result = [["language model", count, teacher, 1.0]]
    label = np.array([yes > no for _, yes, no in kept])
    some = np.random.default_rng(0).permutation(len(one.left))[:5000]
    reading, few = Reading(one), some[:500]
    metres = reading.metres(few)

    def add(kind: str, pairs: int, work: Any) -> None:
        begin = time.process_time()
        work()
        spent = (time.process_time() - begin) / pairs
        result.append([kind, pairs, spent, teacher / spent])

    for kind in arguments.kinds:  # what a network has learned does not change its time
        network = reading.some(spec_of(arguments.encoder, kind), rows[::8], label[::8])
        reading.odds(network, few[:2], None if metres is None else metres[:2])
        add(f"MiniLM reads both records, {kind}", len(few),
            lambda network=network: reading.odds(network, few, metres))  # fmt: skip
    encoder = load_encoder(arguments.encoder)
    texts = Serialisation().texts(reading.columns)
    encoder.encode(texts[:8])

    def cosines() -> Any:
        vectors = encoder.encode(texts)
        return np.einsum("ij,ij->i", vectors[one.left], vectors[one.right])

    add("MiniLM reads each record once, a cosine a pair", len(one.left), cosines)
    room = Classroom.open(one.pool.job, one.pool.cheap)
    lesson = Lesson(one.left[rows], one.right[rows], one.label[rows], np.ones(len(rows)))
    student = teach(room, lesson, folds=2)
    left, right = one.left[some], one.right[some]
    student.matcher.score(room.features(left, right))
    add("forest, comparisons included", len(some),
        lambda: student.matcher.score(room.features(left, right)))  # fmt: skip
    return result


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", required=True, help="The language model.")
    parser.add_argument("--encoder", required=True, help="What the networks begin with.")
    parser.add_argument("--examples", type=int, default=4)
    parser.add_argument("--llm")
    parser.add_argument("--server", type=int)
    parser.add_argument("--ask", type=int, default=10)
    parser.add_argument("--keep", type=Path, help="JSON file of all sets measured.")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=[DEFAULT])
    parser.add_argument("--note", default="", help="What to know of this run.")
    parser.add_argument("--sets", nargs="*", default=list(SETS))
    arguments = parser.parse_args()
    facts = about("sameas", "torch", "onnxruntime")
    if arguments.server is not None:
        rows = times_of(arguments, arguments.sets[0])
        text = (
            f"{arguments.sets[0]}, model {arguments.model}, {arguments.examples} examples, which "
            "the server keeps between questions. CPU seconds a pair, all threads: of the server's "
            "process; of ours. Networks read the distance in words instead of coordinates. A "
            "linker asks a network about the pairs in doubt only, so of all candidates it costs "
            "the share of these. "
            f"{arguments.note}\n\n"
            + table(["what judges", "pairs", "CPU s a pair", "times as fast"], rows)
        )
        write_section("distill-time", "Teacher and students: time a pair", text, facts)
        write_json({"facts": facts, "rows": rows})
        return
    known = json.loads(arguments.keep.read_text()) if arguments.keep.exists() else {}
    for name in arguments.sets:
        known[name] = known.get(name, {}) | judge(arguments, name)
        arguments.keep.write_text(json.dumps(known))
        write_json({"facts": facts, "row": known[name]})
    measured = [kind for kind in KINDS if any(kind in row for row in known.values())]
    names = ["answers", "matches", "teacher", "teacher, beside the score", "forest", *measured,
             SPENT]  # fmt: skip
    heads = [f"network by default: {one}" if one == DEFAULT else one for one in names]
    text = (
        "Macro-F1 in per cent against the truth, with its interval, on the pairs that the language "
        "model answered. Students learn the teacher's labels beside the score of the linker "
        "without labels, those of one half of the pairs (no record in both), and are judged on the "
        "other half, then the other way round. The forest sees comparisons and that score; the "
        "networks (MiniLM, last weights) the two texts alone. **By default**: as `sameas distill "
        "--matcher pair-classifier` teaches it, by the answers of a half and by what a forest of "
        "that half says of 1,500 pairs that nobody asked about, 3 epochs at 1e-4 in batches of "
        "8 (products of matrices in bfloat16). Answers alone: 6 epochs or 1,500 steps of a pair. "
        "CPU s: to teach one network, and to judge; the command teaches three. "
        f"{arguments.note}\n\n"
        + table(["set", *heads], [[key, *(row.get(one, "") for one in names)]
                                  for key, row in known.items()])
    )  # fmt: skip
    write_section("distill-networks", "Networks as students", text, facts)


if __name__ == "__main__":
    main()
