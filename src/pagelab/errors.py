"""Errors that carry what a contributor needs: where, what, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file: path as the user gave it, line counted from 1."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class PageError(Exception):
    """A page that cannot be read as a program; formats itself `path:line: what; what to do`."""

    def __init__(self, location: Location, problem: str, advice: str = "") -> None:
        super().__init__(location, problem, advice)
        self.location = location
        self.problem = problem
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.location}: {self.problem}" + (f"\n  {self.advice}" if self.advice else "")


class LabError(Exception):
    """The lab could not do its work (no engine, no image, no disk): says nothing about the page."""

    def __init__(self, problem: str, advice: str = "") -> None:
        super().__init__(problem, advice)
        self.problem = problem
        self.advice = advice

    def __str__(self) -> str:
        return self.problem + (f"\n  {self.advice}" if self.advice else "")
