"""
Which codes the source gives to errors, faults, reasons and violations.

A code is whatever is handed to a parameter or field named ``code`` of something defined in the
packages, or stands first in an error of the family `maps.errors.MapError`. What is handed on from
such a parameter or from another's ``.code`` is counted where it began.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

PACKAGES = ("maps", "routing", "dispatch", "api")
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9*]+)*")

# Of pydantic: the kind of a fault that a validator raises becomes its code.
_FOREIGN = {"PydanticCustomError": 0}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    """One file: its tree, and where in the arguments of its functions and classes a code stands."""

    path: Path
    tree: ast.Module
    functions: dict[str, Function] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)


def codes(root: Path) -> dict[str, str]:
    """Return every code with a place where it is given; ``*`` in a code stands for any word."""
    modules = [
        _module(path, root) for name in PACKAGES for path in sorted((root / name).rglob("*.py"))
    ]
    everywhere = dict(_FOREIGN)
    for module in modules:
        everywhere |= module.positions
    found: dict[str, str] = {}
    for module in modules:
        for call, function in _calls(module.tree, None):
            argument = _argument(call, module, everywhere)
            if argument is None:
                continue
            where = f"{module.path}:{call.lineno}"
            for code in _values(argument, function, module, where):
                if CODE.fullmatch(code):
                    found.setdefault(code, where)
    return found


def _module(path: Path, root: Path) -> Module:
    module = Module(path.relative_to(root), ast.parse(path.read_text(encoding="utf-8")))
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            module.functions[node.name] = node
            names = [argument.arg for argument in node.args.args]
            if "code" in names:
                bound = names[0] in {"self", "cls"}
                module.positions[node.name] = names.index("code") - bound
        elif isinstance(node, ast.ClassDef):
            position = _position_in_class(node)
            if position is not None:
                module.positions[node.name] = position
    return module


def _position_in_class(node: ast.ClassDef) -> int | None:
    fields = [
        each.target.id
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    ]
    if "code" in fields:
        return fields.index("code")
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name == "__init__":
            names = [argument.arg for argument in each.args.args]
            return names.index("code") - 1 if "code" in names else None
    # Errors that only add a docstring to their family take the code where the family does.
    bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
    return 0 if bases & {"MapError", "BadMap", "Refused"} else None


def _calls(node: ast.AST, function: Function | None) -> Iterator[tuple[ast.Call, Function | None]]:
    for child in ast.iter_child_nodes(node):
        inner = child if isinstance(child, Function) else function
        if isinstance(child, ast.Call):
            yield child, inner
        yield from _calls(child, inner)


def _argument(call: ast.Call, module: Module, everywhere: dict[str, int]) -> ast.expr | None:
    name = _name(call.func)
    if name == "__init__" and isinstance(call.func, ast.Attribute):
        # super().__init__("off_road", ...)
        inherited = _name(call.func.value) == "super"
        return call.args[0] if inherited and call.args else None
    position = module.positions.get(name, everywhere.get(name))
    if position is None:
        return None
    for keyword in call.keywords:
        if keyword.arg == "code":
            return keyword.value
    starred = any(isinstance(each, ast.Starred) for each in call.args)
    return None if starred or position >= len(call.args) else call.args[position]


def _values(node: ast.expr, function: Function | None, module: Module, where: str) -> Iterator[str]:
    """Yield the strings that an expression may be; nothing for what is handed on."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "*" for p in parts)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _values(body, function, module, where)
            yield from _values(orelse, function, module, where)
        case ast.Name(id=name):
            for value in _assigned(name, function, module):
                yield from _values(value, function, module, where)
        case ast.Call(func=ast.Attribute(attr="get"), args=[_, default]):
            yield from _values(default, function, module, where)
        case ast.Call(func=ast.Name(id=name)) if name in module.functions:
            inner = module.functions[name]
            for each in ast.walk(inner):
                if isinstance(each, ast.Return) and each.value is not None:
                    yield from _values(each.value, inner, module, where)


def _assigned(name: str, function: Function | None, module: Module) -> Iterator[ast.expr]:
    """Yield what a name is set to: in its function, by a loop, or for the whole module."""
    for node in ast.walk(function or module.tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _parts(target, [node.value], name, module)
        elif isinstance(node, ast.For | ast.comprehension):
            yield from _parts(node.target, _elements(node.iter, module), name, module)


def _parts(
    target: ast.expr, values: Iterable[ast.expr], name: str, module: Module
) -> Iterator[ast.expr]:
    if isinstance(target, ast.Name) and target.id == name:
        yield from values
        return
    if not isinstance(target, ast.Tuple):
        return
    names = [_name(each) for each in target.elts]
    if name not in names:
        return
    index = names.index(name)
    for value in values:
        for each in _tuples(value, module):
            if index < len(each.elts):
                yield each.elts[index]


def _tuples(value: ast.expr, module: Module) -> Iterator[ast.Tuple]:
    """Yield the tuples that a value may be: itself, or those of a table of the module."""
    if isinstance(value, ast.Tuple):
        yield value
    elif isinstance(value, ast.Call | ast.Subscript):
        for inner in ast.walk(value):
            if isinstance(inner, ast.Tuple):
                yield inner
            elif isinstance(inner, ast.Name):
                for row in _rows(inner.id, module):
                    if isinstance(row, ast.Tuple):
                        yield row


def _elements(node: ast.expr, module: Module) -> list[ast.expr]:
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return node.elts
    if isinstance(node, ast.Name):
        return _rows(node.id, module)
    return []


def _rows(name: str, module: Module) -> list[ast.expr]:
    """Return the rows of a table on the level of the module."""
    for node in module.tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if name in map(_name, targets):
            return (
                node.value.values
                if isinstance(node.value, ast.Dict)
                else _elements(node.value, module)
            )
    return []


def _name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=func):
            return _name(func)
    return ""
