"""Logs for other programs: event files read back record by record, and JSON."""

import dataclasses
import json
import struct
import sys

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl.interchange import to_json, to_tensorboard


@pytest.fixture(scope="module")
def run():
    return gt.learn(gt.load_game("chicken"), "independent_q", steps=300, records=4, seeds=2)


def crc32c(data):
    """Castagnoli's polynomial bit by bit, with the mask of TensorFlow's records."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def events_of(path):
    proto = pytest.importorskip("tensorboardX.proto.event_pb2")
    data, found = path.read_bytes(), []
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        message = data[12 : 12 + length]
        assert struct.unpack("<I", data[8:12])[0] == crc32c(data[:8])
        assert struct.unpack("<I", data[12 + length : 16 + length])[0] == crc32c(message)
        found.append(proto.Event.FromString(message))
        data = data[16 + length :]
    return found


def test_every_number_of_a_trace_is_read_back(run, tmp_path):
    pytest.importorskip("tensorboardX")
    files = to_tensorboard(run, tmp_path / "events")
    assert [path.parent.name for path in files] == ["seed_0", "seed_1"]
    for seed, path in enumerate(files):
        first, settings, *rest = events_of(path)
        assert first.file_version == "brain.Event:2"
        assert json.loads(settings.summary.value[0].tensor.string_val[0])["learner"] == "independent_q"
        assert [event.step for event in rest] == run.trace["step"][seed].tolist()
        assert {value.tag for value in rest[-1].summary.value} == {*run.trace} - {"step"}
        for k, event in enumerate(rest):
            for value in event.summary.value:
                assert value.simple_value == np.float32(run.trace[value.tag][seed, k])


def test_what_is_no_number_is_left_out_and_a_second_time_replaces_the_first(run, tmp_path):
    pytest.importorskip("tensorboardX")
    gaps = run.trace["nash_gap"].copy()
    gaps[0, :3] = np.nan, np.inf, 1e300
    changed = dataclasses.replace(run, trace={**run.trace, "nash_gap": gaps, "wide": np.zeros((*gaps.shape, 2))})
    to_tensorboard(run, tmp_path)
    path = to_tensorboard(changed, tmp_path)[0]
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    with_gap = [event.step for event in events_of(path) if "nash_gap" in {value.tag for value in event.summary.value}]
    assert with_gap == run.trace["step"][0, 3:].tolist()
    assert not any(value.tag == "wide" for event in events_of(path) for value in event.summary.value)


def test_the_json_has_settings_and_trace_and_null_for_what_is_no_number(run, tmp_path):
    gaps = run.trace["nash_gap"].copy()
    gaps[1, 0] = np.nan
    path = to_json(dataclasses.replace(run, trace={**run.trace, "nash_gap": gaps}), tmp_path / "run.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["settings"]["seeds"] == 2
    assert document["status"] == "finished"
    assert document["trace"]["step"] == run.trace["step"].tolist()
    assert document["trace"]["nash_gap"][1] == [None, *gaps[1, 1:].tolist()]


def test_bad_input_is_one_sentence(run, tmp_path, monkeypatch):
    with pytest.raises(gt.GameError, match="run is list"):
        to_json([], tmp_path / "run.json")
    (tmp_path / "file").write_text("")
    if "tensorboardX" in sys.modules:
        with pytest.raises(gt.GameError, match="cannot make the folder"):
            to_tensorboard(run, tmp_path / "file")
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(gt.GameError, match=r"pip install 'gametheory-rl\[tensorboard\]'") as caught:
        to_tensorboard(run, tmp_path)
    assert "\n" not in str(caught.value)


def test_the_command_writes_them_and_refuses_before_it_trains(call, tmp_path, monkeypatch):
    pytest.importorskip("tensorboardX")
    asked = ("learn", "chicken", "independent_q", "--steps", "100", "--records", "2", "--tensorboard", "events")
    answer = call(*asked)
    assert answer.code == 0
    assert "tensorboard --logdir events" in answer.err
    assert [event.step for event in events_of(next((tmp_path / "events" / "seed_0").iterdir()))][-1] == 100
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    monkeypatch.setattr(gt, "learn", None)
    answer = call(*asked)
    assert answer.code == 2
    assert "gametheory-rl[tensorboard]" in answer.err
