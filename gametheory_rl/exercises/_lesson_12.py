"""Lesson 12: reasoning, communication, many agents."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl.exercises._answers import close, number, require, vector


def _model(answer: Any) -> str:
    found, row = number(answer), np.array([1.0, 0.0])
    soft = np.exp(row) / np.exp(row).sum()
    require(found != 1, "That is the limit of temperature 0; at temperature 1 it is a softmax.")
    require(not close(found, soft[1], 1e-4), "That is the second action.")
    require(close(found, soft[0], 1e-4), "Softmax of the row: exp of each entry, divided by their sum.")
    return "The other is expected to be helpful, more or less."


def _heard(answer: Any) -> str:
    found, hidden = number(answer), np.array([1.0, 2.0, 6.0])
    require(not close(found, hidden.mean(), 1e-9), "That is the mean of all; an agent hears the others.")
    require(not close(found, hidden[1:].sum(), 1e-9), "That is the sum; CommNet takes the mean.")
    require(close(found, hidden[1:].mean(), 1e-9), "The mean over the others' hidden numbers.")
    return "And it does not matter who said what."


def _levers(answer: Any) -> str:
    found, agents = number(answer), 4
    truth = 1 - (1 - 1 / agents) ** agents
    require(not close(found, 1 - truth, 1e-6), "That is the share that nobody pulls.")
    require(not close(found, agents * truth, 1e-6), "That is their number; the share is asked for.")
    require(close(found, truth, 5e-4), "How likely is it that none of them pulls a given lever?")
    return "More and more agents lose about a third of the levers in this way."


def _factors(answer: Any) -> str:
    found, actions, rank = vector(answer, 2, "the table's and the factors'"), 50, 3
    require(found[0] == actions * actions, "The table: a number for each pair of actions.")
    require(found[1] != actions * rank, "There are two factors.")
    require(found[1] == 2 * actions * rank, "The factors: a vector for each action, in u and in v.")
    return "An eighth of the numbers, and every sample of one action teaches about all its pairs."


JUDGES = (_model, _heard, _levers, _factors)
