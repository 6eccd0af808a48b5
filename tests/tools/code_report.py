"""Report of the code's shape: sizes, import circles, class names, docstrings and the names of tests.

Run it in the project's folder: ``python -m tests.tools.code_report``.
"""

# ruff: noqa: T201

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "db", "handlers")
FOLDER_LIMIT = 25
TEST_NAME_LIMIT = 70
QUESTION = re.compile(r"(What|Whether|Where|Who|How|Which)\b")
Function = (ast.FunctionDef, ast.AsyncFunctionDef)
Documented = (*Function, ast.ClassDef, ast.Module)


def parse(folders: Iterable[str]) -> dict[Path, ast.Module]:
    """Return the syntax tree of every Python file, by its path from the root."""
    files = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return {path.relative_to(ROOT): ast.parse(path.read_text("utf-8")) for path in files}


def circles() -> list[list[str]]:
    """Return the groups of modules that import each other, directly or through others, under ``TYPE_CHECKING`` too."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    groups = {
        frozenset({module, *(graph.find_upstream_modules(module) & graph.find_downstream_modules(module))})
        for module in graph.modules
    }
    return sorted(sorted(group) for group in groups if len(group) > 1)


def main() -> None:
    code = parse(PACKAGES)
    trees = code | parse(["tests"])

    folders = Counter(path.parent for path in trees if path.name != "__init__.py")
    print(f"files a folder, largest first (no more than {FOLDER_LIMIT}):")
    for folder, count in folders.most_common(8):
        print(f"  {count:4} {folder}{'  <- too many' if count > FOLDER_LIMIT else ''}")

    import_circles = circles()
    print(f"circles between files: {len(import_circles)}")
    for circle in import_circles:
        print(f"  {' '.join(circle)}")

    classes = defaultdict(list)
    for path, tree in code.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                classes[node.name].append(str(path))
    twice = {name: paths for name, paths in sorted(classes.items()) if len(paths) > 1}
    print(f"public class names defined twice: {len(twice)}")
    for name, paths in twice.items():
        print(f"  {name}: {', '.join(paths)}")

    nodes = [node for tree in trees.values() for node in ast.walk(tree)]
    docstrings = [text for node in nodes if isinstance(node, Documented) and (text := ast.get_docstring(node))]
    questions = sum(bool(QUESTION.match(text)) for text in docstrings)
    print(f"docstrings that begin with What, Whether, Where, Who, How or Which: {questions / len(docstrings):.1%}")

    names = [node.name for node in nodes if isinstance(node, Function) and node.name.startswith("test_")]
    long = sum(len(name) > TEST_NAME_LIMIT for name in names)
    print(f"test names over {TEST_NAME_LIMIT} characters: {long} of {len(names)}")
    count = sum(len((ROOT / path).read_text("utf-8").splitlines()) for path in trees)
    print(f"lines of Python: {count:,}")


if __name__ == "__main__":
    main()
