"""The house rules that a program can hold: who may import whom, no float money, no text that cannot be translated."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_archon import archrule

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "app").rglob("*.py"))


def trees(*folders: str) -> list[tuple[Path, ast.AST]]:
    chosen = [path for path in SOURCES if not folders or path.relative_to(ROOT / "app").parts[0] in folders]
    assert chosen
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in chosen]


def test_layers_import_downward_only() -> None:
    archrule("billing knows nobody").match("app.billing*").should_not_import(
        "app.store*", "app.forms*", "app.ui*", "app.cli*", "app.main", "app.paperwork"
    ).check("app", skip_type_checking=True)
    archrule("store and forms do not meet").match("app.store*").should_not_import(
        "app.forms*", "app.ui*", "app.cli*", "app.main", "app.paperwork"
    ).check("app", skip_type_checking=True)
    archrule("forms and store do not meet").match("app.forms*").should_not_import(
        "app.store*", "app.ui*", "app.cli*", "app.main", "app.paperwork"
    ).check("app", skip_type_checking=True)
    archrule("the window is the top").match("app.ui*").should_not_import("app.cli*").check(
        "app", skip_type_checking=True
    )


OUTSIDE = {
    "billing": set(),
    "store": {"sqlalchemy", "alembic", "sqlcipher3", "nacl"},
    "forms": {"reportlab", "pypdf", "pypdfium2", "babel", "PIL"},
    "ui": {"PySide6", "shiboken6", "pypdfium2"},
    "cli": {"PIL", "pypdfium2"},
}


@pytest.mark.parametrize("layer", sorted(OUTSIDE))
def test_each_layer_uses_only_its_libraries(layer: str) -> None:
    foreign = {
        f"{path.name}: {name}"
        for path, tree in trees(layer)
        for name in _imports(tree)
        if name not in OUTSIDE[layer] | {"app"} and name not in sys.stdlib_module_names
    }
    assert not foreign


def test_the_base_uses_no_layer() -> None:
    base = [ROOT / "app" / f"{name}.py" for name in ("errors", "i18n", "paths", "log")]
    inner = re.compile(r"app\.(billing|store|forms|ui|cli|main|paperwork)")
    assert not [path.name for path in base if inner.search(path.read_text(encoding="utf-8"))]


def test_no_float_in_billing_and_store() -> None:
    found = [
        f"{path.name}:{node.lineno}"
        for path, tree in trees("billing", "store")
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _joins_paths(node))
    ]
    assert not found


def _joins_paths(node: ast.BinOp) -> bool:
    """`folder / "name"`: a division whose right side is text, or which stands in a path expression."""
    return any(
        isinstance(part, ast.JoinedStr) or (isinstance(part, ast.Constant) and isinstance(part.value, str))
        for part in ast.walk(node)
    )


def test_sentences_can_be_translated() -> None:
    """No f-string, no sum and no format inside `_()`: a constant with named places, or a name that N_ marked."""
    found = [
        f"{path.name}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"_", "ngettext"}
        and any(
            isinstance(arg, ast.JoinedStr | ast.BinOp | ast.Call)
            for arg in node.args[: 1 if node.func.id == "_" else 2]
        )
    ]
    assert not found


def test_only_the_edge_asks_the_clock() -> None:
    found = [
        f"{path.name}:{node.lineno}"
        for path, tree in trees("billing", "store", "forms")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"today", "utcnow"} and isinstance(node.ctx, ast.Load)
        and isinstance(node.value, ast.Attribute | ast.Name) and ast.unparse(node.value) in {"dt.date", "dt.datetime"}
    ]  # fmt: skip
    assert not found


@pytest.mark.parametrize(
    ("maker", "places"),
    [
        (r"\bcreate_engine\(", {"store/database.py", "store/migrations/__init__.py"}),
        (r"(?<![\w.])Session\(|\bsessionmaker\(", {"store/clinic.py"}),
    ],
)
def test_engines_and_sessions_are_made_in_one_place(maker: str, places: set[str]) -> None:
    found = {
        path.relative_to(ROOT / "app").as_posix()
        for path in SOURCES
        if re.search(maker, path.read_text(encoding="utf-8"))
    }
    assert found == places


def test_nothing_names_a_machine_or_an_index() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    if not tracked:
        pytest.skip("not a git checkout")
    pattern = re.compile(r"(?<![\w.$)])/(?:work|farm|root|home/\w+)/|pypi\.org/simple|files\.pythonhosted|--index-url")
    found = []
    for name in tracked:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".sh", ".lock", ".yml", ".txt", ".spec"} and path != Path(__file__):
            text = path.read_text(encoding="utf-8")
            found += [f"{name}: {match[0]}" for match in pattern.finditer(text)]
    assert not found


def _imports(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names
