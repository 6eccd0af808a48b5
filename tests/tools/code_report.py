"""Figures about the code, printed: folders, circles, names, docstrings, functions. ``make report``."""

import ast
import re
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("db", "handlers", "bot")
QUESTION = re.compile(r"(What|Whether|Where|Who|How|Which)\b")
LONG_TEST_NAME = 70  # characters

Trees = dict[Path, ast.Module]


def parse_files() -> Trees:
    """Parse every Python file under version control, by its path from the root."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [Path(line) for line in listed.stdout.split()]
    return {path: ast.parse((ROOT / path).read_text("utf-8")) for path in paths if (ROOT / path).exists()}


def import_graph(trees: Trees) -> dict[str, set[str]]:
    """Return which module imports which, imports for type checking counted."""
    modules = {".".join(path.with_suffix("").parts).removesuffix(".__init__"): tree for path, tree in trees.items()}
    graph: dict[str, set[str]] = {}
    for module, tree in modules.items():
        names: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                full = {f"{node.module}.{alias.name}" for alias in node.names}
                names |= (full & modules.keys()) or {node.module}
        graph[module] = (names & modules.keys()) - {module}
    return graph


def circles(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules that import themselves by way of others."""
    remaining = {module: set(imports) for module, imports in graph.items()}
    while leaves := {module for module, imports in remaining.items() if not imports & remaining.keys()}:
        remaining = {module: imports for module, imports in remaining.items() if module not in leaves}
    return sorted(remaining)


def _of_floors(trees: Trees) -> Trees:
    return {path: tree for path, tree in trees.items() if path.parts[0] in FLOORS}


def classes_defined_twice(trees: Trees) -> dict[str, list[str]]:
    """Return public class names of the three floors that several modules define, with those modules."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, tree in _of_floors(trees).items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(str(path))
    return {name: paths for name, paths in sorted(found.items()) if len(paths) > 1}


def docstrings(trees: Trees) -> list[str]:
    """Return all docstrings of modules, classes and functions."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, kinds)]
    return [text for node in nodes if (text := ast.get_docstring(node))]


def function_lengths(trees: Trees) -> list[tuple[int, str]]:
    """Return the lines of each function of the three floors, with its place, the shortest first."""
    return sorted(
        (node.end_lineno - node.lineno + 1, f"{path}:{node.name}")
        for path, tree in _of_floors(trees).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.end_lineno
    )


def report(trees: Trees) -> Iterator[str]:
    """Yield the lines to print."""
    folders = Counter(str(path.parent) for path in trees)
    yield "files a folder: " + ", ".join(f"{name} {count}" for name, count in folders.most_common(4))
    yield f"circles between files: {len(circles(import_graph(trees)))}"
    twice = classes_defined_twice(trees)
    yield f"public class names defined twice: {len(twice)} {' '.join(twice)}".rstrip()
    texts = docstrings(trees)
    odd = sum(1 for text in texts if QUESTION.match(text))
    yield f"docstrings that begin with a question word: {odd} of {len(texts)} ({odd / len(texts):.1%})"
    lengths = function_lengths(trees)
    lines = [length for length, _ in lengths]
    tenths = statistics.quantiles(lines, n=10)
    yield f"lines a function: median {statistics.median(lines):g}, 90 % at most {tenths[-1]:g}, longest {lengths[-1]}"
    sources = {path: (ROOT / path).read_text("utf-8").splitlines() for path in trees}
    typed = [line for path in _of_floors(trees) for line in sources[path] if re.search(r"\bAny\b", line)]
    yield f"lines with Any in the floors: {len(typed)}"
    tests = [node.name for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    tests = [name for name in tests if name.startswith("test_")]
    long = sum(1 for name in tests if len(name) > LONG_TEST_NAME)
    yield f"tests: {len(tests)}, of which {long} have a name of more than {LONG_TEST_NAME} characters"
    yield f"lines of Python: {sum(map(len, sources.values()))} in {len(trees)} files"


if __name__ == "__main__":
    sys.stdout.write("\n".join(report(parse_files())) + "\n")
