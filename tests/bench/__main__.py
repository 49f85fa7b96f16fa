"""Run a benchmark of this folder: `python3 dev.py bench NAME [...]`; without a name, list them."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main(words: list[str]) -> int:
    names = sorted(path.stem for path in FOLDER.glob("[!_]*.py") if _has_main(path))
    if words and words[0] in names:
        status: int = importlib.import_module(f"tests.bench.{words[0]}").main(words[1:])
        return status
    for name in names:
        doc = ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text("utf-8"))) or ""
        sys.stdout.write(f"{name:16} {doc.splitlines()[0] if doc else ''}\n")
    return 2 if words else 0


def _has_main(path: Path) -> bool:
    tree = ast.parse(path.read_text("utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
