"""Sizes of this repository's code, for comparison with others.

    python -m tests.benchmarks.code_figures

Prints one row each for the source without the sandboxes, for the sandboxes and for the tests. Lines
of functions and files include docstrings and comments.
"""

import ast
import io
import sys
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("server", "schema", "resolvers", "providers")
HEADER = (
    "| | lines | files | functions: median / p90 / p99 / max | file: median / p90 / max "
    "| functions with docstring (public) | comments per 100 lines |\n"
    "| --- | --: | --: | --- | --- | --- | --: |\n"
)


@dataclass(frozen=True)
class Function:
    """A function's name, its lines, and whether it has a docstring."""

    name: str
    lines: int
    is_documented: bool


@dataclass(frozen=True)
class Module:
    """A file's path, its lines, the lines that are comments, and its functions."""

    path: Path
    lines: int
    comments: int
    functions: list[Function]


def read_module(path: Path) -> Module:
    text = path.read_text()
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = sum(
        token.type == tokenize.COMMENT and token.line.lstrip().startswith("#") for token in tokens
    )
    return Module(path, text.count("\n"), comments, list(find_functions(ast.parse(text))))


def find_functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield Function(node.name, lines, ast.get_docstring(node) is not None)


def find_percentile(values: Sequence[int], percent: int) -> int:
    """Return the value that `percent` of the values do not exceed."""
    return sorted(values)[(len(values) - 1) * percent // 100]


def format_percentiles(values: Sequence[int], *percents: int) -> str:
    return " / ".join(str(find_percentile(values, percent)) for percent in percents)


def format_documented_share(functions: Sequence[Function]) -> str:
    return f"{100 * sum(each.is_documented for each in functions) / max(1, len(functions)):.0f} %"


def format_row(name: str, modules: Sequence[Module]) -> str:
    functions = [function for module in modules for function in module.functions]
    public = [function for function in functions if not function.name.startswith("_")]
    lines = [module.lines for module in modules]
    comments = 100 * sum(module.comments for module in modules) / sum(lines)
    return (
        f"| {name} | {sum(lines):,} | {len(modules)} "
        f"| {format_percentiles([each.lines for each in functions], 50, 90, 99, 100)} "
        f"| {format_percentiles(lines, 50, 90, 100)} "
        f"| {format_documented_share(functions)} ({format_documented_share(public)}) "
        f"| {comments:.1f} |\n"
    )


def has_own_test(path: Path) -> bool:
    """Return whether the test of the same name stands in the same folder of the tests."""
    name = path.parent.name if path.name in ("__init__.py", "__main__.py") else path.stem
    test = f"test_{name.removeprefix('test_')}.py"
    return (REPOSITORY / "tests" / path.relative_to(REPOSITORY)).with_name(test).exists()


def main() -> None:
    """Print the table, and how the tests compare with the source."""
    modules = [
        read_module(path)
        for package in (*PACKAGES, "tests")
        for path in sorted((REPOSITORY / package).rglob("*.py"))
        if path.stat().st_size and "node_modules" not in path.parts
    ]
    tests = [each for each in modules if each.path.is_relative_to(REPOSITORY / "tests")]
    sandboxes = [each for each in modules if each not in tests and "sandbox" in str(each.path)]
    source = [each for each in modules if each not in tests and each not in sandboxes]
    rows = {"source": source, "sandboxes": sandboxes, "tests": tests}
    sys.stdout.write(HEADER + "".join(format_row(*row) for row in rows.items()))
    ratio = sum(each.lines for each in tests) / sum(each.lines for each in source)
    tested = sum(has_own_test(each.path) for each in source)
    sys.stdout.write(f"\nlines of tests by lines of source: {ratio:.1f}\n")
    sys.stdout.write(f"modules with a test of the same name: {tested} of {len(source)}")
    sys.stdout.write(f" ({100 * tested / len(source):.0f} %)\n")


if __name__ == "__main__":
    main()
