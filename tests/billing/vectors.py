"""Published examples and computed cases of billing facts, as data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent.parent / "data" / "billing.json").read_text("utf-8"))
