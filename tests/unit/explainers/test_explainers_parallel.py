"""Threads that work apart: results in order, torch as it was, errors not lost."""

import threading

import pytest
import torch

from explainers.occluding.parallel import threads


@pytest.fixture(params=[1, 3])
def count(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def test_results_come_in_order_and_torch_is_as_it_was(count):
    def work(piece):
        assert torch.get_num_threads() == 1
        assert not torch.is_grad_enabled()
        return piece, threading.get_ident()

    with threads() as run:
        pieces, workers = zip(*run(work, range(40)), strict=True)
        assert list(run(lambda piece: piece + 1, [])) == []
    assert list(pieces) == list(range(40))
    assert threading.get_ident() not in workers
    assert len(set(workers)) <= count
    assert torch.get_num_threads() == count
    assert torch.is_grad_enabled()


def test_an_error_in_a_piece_is_raised(count):
    def work(piece):
        return 1 / piece

    with pytest.raises(ZeroDivisionError), threads() as run:
        list(run(work, [2, 1, 0, 1]))
    assert torch.get_num_threads() == count


def test_only_a_few_results_wait(count):
    started = []
    with threads() as run:
        results = run(started.append, range(100))
        next(results)
        assert len(started) <= 2 * count + 1
