"""Logistic regression against scikit-learn's, and the budget of labels by counting."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from huesweep.errors import UsageError
from huesweep.models.encoders.base import FeatureSpec
from huesweep.transfer.budget import labeled_part
from huesweep.transfer.logistic import Logistic, standardized
from huesweep.transfer.probe import Labeled, probe


@pytest.mark.parametrize("penalty", [1.0, 1e-2, 1e-4])
def test_it_is_the_fit_of_scikit_learn(penalty: float, generator: torch.Generator) -> None:
    labels = torch.arange(90) % 3
    features = torch.randn(90, 4, generator=generator) + 0.5 * labels[:, None]
    features = torch.cat([features, features[:, :1] + 1e-2 * torch.randn(90, 1, generator=generator)], dim=1)
    fit = Logistic(features, labels, 3).fit(penalty)
    theirs = LogisticRegression(C=1 / (penalty * len(features)), tol=1e-10, max_iter=100_000)
    theirs.fit(features.double().numpy(), labels.numpy())
    assert fit.has_converged
    chances = fit.logits(features).softmax(1)
    np.testing.assert_allclose(chances, theirs.predict_proba(features.double().numpy()), atol=1e-4)
    np.testing.assert_allclose(fit.weight.T, theirs.coef_, atol=2e-3)


def test_where_it_starts_changes_nothing(generator: torch.Generator) -> None:
    features, labels = torch.randn(40, 3, generator=generator), torch.arange(40) % 2
    problem = Logistic(features, labels, 2)
    weak, strong = problem.fit(1e-3), problem.fit(1.0)
    torch.testing.assert_close(problem.fit(1e-3, strong).weight, weak.weight, atol=1e-4, rtol=0)


def test_features_are_standardized_by_those_that_are_learned_from() -> None:
    train, other = torch.tensor([[0.0, 7.0], [4.0, 7.0]]), torch.tensor([[6.0, 9.0]])
    first, second = standardized(train, other)
    assert first.tolist() == [[-1.0, 0.0], [1.0, 0.0]]
    assert second.tolist() == [[2.0, 0.0]]


def test_a_probe_finds_the_stage_that_knows_the_classes(generator: torch.Generator) -> None:
    def split(count: int) -> Labeled:
        labels = torch.arange(count) % 2
        noise = torch.randn(count, 3, generator=generator)
        return Labeled([noise, torch.cat([noise, 8.0 * labels[:, None] - 4], dim=1)], labels)

    specs = [FeatureSpec(3, 1), FeatureSpec(4, 2)]
    found = probe(split(40), split(20), split(30), specs, 2, torch.device("cpu"))
    assert found.best == 1
    assert found.test["accuracy"] == 1.0
    assert found.confusion.tolist() == [[15, 0], [0, 15]]
    assert [stage["stride"] for stage in found.stages] == [1, 2]
    assert found.stages[0]["test"]["accuracy"] < 0.9


def test_a_budget_is_balanced_seeded_and_within_every_larger_one() -> None:
    labels = np.repeat(np.arange(10), 100)
    classes = [str(label) for label in range(10)]
    small, large = (labeled_part(labels, classes, share, seed=3) for share in (0.02, 0.1))
    assert np.bincount(labels[small]).tolist() == [2] * 10
    assert np.bincount(labels[large]).tolist() == [10] * 10
    assert set(small) < set(large)
    assert labeled_part(labels, classes, 1.0, seed=3).tolist() == list(range(1000))
    assert set(labeled_part(labels, classes, 0.02, seed=4)) != set(small)
    uneven = np.repeat([0, 1], [80, 20])
    assert np.bincount(uneven[labeled_part(uneven, classes, 0.1, seed=0)]).tolist() == [8, 2]


def test_budgets_that_can_not_be_are_told() -> None:
    labels = np.repeat(np.arange(10), 50)
    classes = [str(label) for label in range(10)]
    with pytest.raises(
        UsageError, match=r"labels=0\.01 is less than a picture of each class: 5 of 10.* 0\.02 gives one"
    ):
        labeled_part(labels, classes, 0.01, seed=0)
    with pytest.raises(UsageError, match=r"two classes at least, and these are of one \(3\)"):
        labeled_part(np.full(5, 3), classes, 1.0, seed=0)
