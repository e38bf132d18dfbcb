"""Sparse matrices with a row for each text: made of places, measured, brought to length 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classify.words import Places

Floats = NDArray[np.float64]


def ones(row: Places, column: Places, rows: int, columns: int) -> csr_matrix:
    """Return a matrix with a 1 wherever named, however often it is."""
    made = csr_matrix((np.ones(len(row)), (row, column)), (rows, columns))
    made.sum_duplicates()
    made.data[:] = 1.0
    return made


def squares(matrix: csr_matrix) -> Floats:
    """Return the square of each row's length."""
    found = csr_matrix((matrix.data**2, matrix.indices, matrix.indptr), matrix.shape)
    return np.asarray(found.sum(axis=1), float).ravel()


def scales(squares: Floats) -> Floats:
    """Return what brings each row to length 1, from the squares of their lengths; 0 for an empty one."""
    found = np.zeros(len(squares))
    np.divide(1.0, np.sqrt(squares), out=found, where=squares > 0)
    return found
