"""Which field each box goes into: by name, by place, by hand."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from app.errors import InputError
from app.forms import layout as layouts
from app.forms.matching import (
    Frame,
    box_map,
    by_hand,
    by_place,
    known_templates,
    load_template,
    mapping_text,
    read_mapping,
    understood,
)
from app.forms.template import Rect, read_forms
from tests.forms import pdf_factory as factory

GRID = layouts.load()
MOVED = Frame(1.003, 4.0, 0.998, -3.5)  # as far off as copies in use are
MARKS = [key for key, box in GRID.boxes.items() if box.kind == "mark"]


def names(widgets: dict[str, factory.Widget]) -> dict[str, tuple[str, ...]]:
    """What the match must be for `strangers`."""
    return {key: (made["/T"] + ("=Yes" if made["/FT"] == "/Btn" else ""),) for key, made in widgets.items()}


def place(widgets: list[factory.Widget], **more: object) -> dict[str, tuple[str, ...]]:
    return dict(by_place(read_forms(factory.pdf(widgets, **more))[0], GRID)[1])  # type: ignore[arg-type]


# By name


def test_the_known_template_lies_on_the_boxes_it_names() -> None:
    """Names mislead in that form, so every line of the file is held against the grid."""
    known = known_templates()[0]
    free = {"19.caption", "31.signed", "31.date"} | {f"carrier.{number}" for number in range(1, 5)}
    for key, (_ref, rect) in known.boxes.items():
        box = Rect(*GRID.rect(GRID.boxes[key]))
        if GRID.boxes[key].kind == "mark":
            assert rect.centre[0] + 2.8 == pytest.approx(box.centre[0], abs=2.5), key
            assert rect.centre[1] == pytest.approx(box.centre[1], abs=1.5), key
        elif key not in free:
            assert rect.left + 2.8 < box.centre[0] < rect.right + 2.8 or key in {"14.qualifier", "17b"}, key
            assert rect.top < box.centre[1] < rect.bottom, key
    assert set(GRID.boxes) - set(known.boxes) == {"page", "30"}


def test_a_form_with_the_known_names_is_known() -> None:
    template = load_template(factory.pdf([*factory.like_fillable_a(), factory.text("276", (441, 680, 452, 690))]))
    assert (template.id, template.known) == ("fillable-a", True)
    assert template.mapping["24.3.emg"] == ("type3",)
    assert template.mapping["24.3.id_qualifier"] == ("emg3",)
    assert [template.mapping[key] for key in ("11b.qualifier", "11b.id")] == [("57",), ("58",)]
    assert template.mapping["21.indicator"] == ("99icd",)
    assert template.mapping["19"] == template.mapping["19.caption"] == ("96",)
    assert "276" not in template.fields
    assert template.frame.x_scale == pytest.approx(1, abs=0.001)
    assert template.frame.x_shift == pytest.approx(-2.6, abs=0.1)
    assert len(template.sha256) == 64


def test_an_edition_that_lacks_some_fields_is_known_too() -> None:
    template = load_template(factory.pdf(factory.like_fillable_a(leave_out=["8", "9b", "24.1.epsdt", "10d"])))
    assert template.known
    assert "8" not in template.mapping


def test_the_same_names_at_other_places_are_not_trusted() -> None:
    with pytest.raises(InputError, match="looks like"):
        load_template(factory.pdf(factory.like_fillable_a(shift=(60, 40))))


def test_a_pdf_that_is_no_claim_form_is_refused() -> None:
    widgets = [factory.text(f"line{number}", (50, 40 + 20 * number, 550, 52 + 20 * number)) for number in range(30)]
    with pytest.raises(InputError, match="looks like a CMS-1500"):
        load_template(factory.pdf(widgets))


def test_the_boxes_of_a_known_template_can_be_found_again() -> None:
    boxes = box_map("fillable-a")
    assert set(boxes) == set(GRID.boxes) - {"19.caption"}
    assert boxes["1a"] == Rect(376.94, 106.21, 585.93, 118.21)
    assert boxes["30"].left == pytest.approx(525, abs=1)  # no field: its place on the grid, as it lies there
    with pytest.raises(InputError, match="no template"):
        box_map("unheard-of")


# By place


def test_a_strangers_form_is_matched_by_place() -> None:
    widgets = factory.strangers(MOVED)
    template = load_template(factory.pdf(widgets.values()))
    assert not template.known
    assert dict(template.mapping) == names(widgets)
    assert template.frame.x_shift == pytest.approx(MOVED.x_shift, abs=0.2)
    assert template.frame.y_scale == pytest.approx(MOVED.y_scale, abs=0.002)


@pytest.mark.parametrize("widgets", [factory.strangers(MOVED).values(), factory.like_fillable_a()])
def test_what_is_kept_of_a_form_is_understood_alike_again(widgets: Iterable[factory.Widget]) -> None:
    template = load_template(factory.pdf(list(widgets)))
    again = understood([template.form], template.sha256)
    assert (again.id, again.mapping, again.fields) == (template.id, template.mapping, template.fields)
    assert set(template.without_field(GRID)) == set(GRID.boxes) - set(template.mapping)


def test_the_page_that_is_the_form_is_found_by_its_boxes() -> None:
    writer = factory.PdfWriter()
    cover = factory.pdf([factory.text("cover", (50, 100, 150, 112))])
    for data in (cover, factory.pdf(factory.strangers(MOVED).values())):
        writer.append(io.BytesIO(data))
    out = io.BytesIO()
    writer.write(out)
    assert len(load_template(out.getvalue()).mapping) == len(GRID.boxes)


def test_a_form_on_another_paper_is_matched_by_place() -> None:
    wide, high = 595 / 612, 842 / 792
    widgets = factory.strangers(Frame(wide, 3, high, -4))
    assert place([*widgets.values()], size=(595, 842)) == names(widgets)


def test_without_check_boxes_the_text_fields_tell_the_place() -> None:
    frame = Frame(1, 5, 1, -4)
    widgets = factory.strangers(frame)
    for key in MARKS:
        rect = frame.rect(GRID.rect(GRID.boxes[key]))
        widgets[key] = factory.text(f"x{key}", (rect.left - 1, rect.top, rect.right + 1, rect.bottom))
    assert place([*widgets.values()]) == names(widgets)


def test_fields_that_are_nowhere_near_match_nothing() -> None:
    assert place([factory.text("lonely", (300, 770, 340, 780))]) == {}


def test_a_missing_field_leaves_its_box_without_one() -> None:
    widgets = factory.strangers(MOVED, leave_out=["30", "26", "1.feca", "19", "19.caption"])
    assert place([*widgets.values()]) == names(widgets)


def test_of_two_check_boxes_the_nearer_one_is_taken() -> None:
    widgets = factory.strangers(MOVED)
    left, top, right, bottom = widgets["20.yes"]["/Rect"]
    far = factory.check("far", (left + 4, top + 4, right + 4, bottom + 4))
    assert place([far, *widgets.values()]) == names(widgets)


def spanning(widgets: dict[str, factory.Widget], keys: list[str]) -> factory.Widget:
    """One field over several boxes."""
    rects = [widgets.pop(key)["/Rect"] for key in keys]
    lefts, tops, rights, bottoms = zip(*rects, strict=True)
    return factory.text("one", (min(lefts), min(tops), max(rights), max(bottoms)))


def test_a_date_may_be_one_field() -> None:
    widgets = factory.strangers(MOVED)
    keys = ["24.2.from.mm", "24.2.from.dd", "24.2.from.yy"]
    one = spanning(widgets, keys)
    assert place([*widgets.values(), one]) == {**names(widgets), **dict.fromkeys(keys, ("one",))}


def test_an_address_may_be_one_field_of_several_lines() -> None:
    widgets = factory.strangers(MOVED)
    keys = ["32.1", "32.2", "32.3"]
    one = {**spanning(widgets, keys), "/Ff": 1 << 12}
    assert place([*widgets.values(), one]) == {**names(widgets), **dict.fromkeys(keys, ("one",))}


def test_boxes_of_different_items_never_share_a_field() -> None:
    widgets = factory.strangers(MOVED)
    one = spanning(widgets, ["25.id", "26"])
    found = place([*widgets.values(), one])
    assert ("25.id" in found) + ("26" in found) == 1


def test_an_amount_may_be_two_fields() -> None:
    widgets = factory.strangers(MOVED)
    left, top, right, bottom = widgets.pop("28")["/Rect"]
    middle = right - 16
    dollars, cents = (
        factory.text("dollars", (left, top, middle, bottom)),
        factory.text("cents", (middle + 1, top, right, bottom)),
    )
    assert place([*widgets.values(), cents, dollars])["28"] == ("dollars", "cents")


@pytest.mark.parametrize(
    ("lines", "keys"),
    [
        (1, {"carrier.1": 0, "carrier.2": 0, "carrier.3": 0, "carrier.4": 0}),
        (2, {"carrier.1": 0, "carrier.2": 1}),
        (3, {"carrier.1": 0, "carrier.2": 1, "carrier.4": 2}),
        (4, {"carrier.1": 0, "carrier.2": 1, "carrier.3": 2, "carrier.4": 3}),
        (5, {"carrier.1": 0, "carrier.2": 1, "carrier.3": 2, "carrier.4": 3}),
    ],
)
def test_the_payers_address_may_stand_anywhere_above(lines: int, keys: dict[str, int]) -> None:
    carrier = [f"carrier.{number}" for number in range(1, 5)]
    widgets = factory.strangers(MOVED, leave_out=carrier)
    block = [factory.text(f"c{line}", (330, 20 + 12 * line, 520, 31 + 12 * line)) for line in range(lines)]
    found = place([*widgets.values(), *block])
    assert {key: ref for key, ref in found.items() if key in carrier} == {key: (f"c{at}",) for key, at in keys.items()}


def test_the_real_form_matched_by_place_gives_what_its_names_give(real_forms: Path) -> None:
    data = (real_forms / "fillable-a.pdf").read_bytes()
    template = load_template(data)
    assert template.known
    assert len(template.mapping) == 263
    frame, mapping = by_place(read_forms(data)[0], GRID)
    assert mapping == template.mapping
    assert frame == template.frame
    for key, (_ref, rect) in known_templates()[0].boxes.items():
        assert rect == pytest.approx(template.fields[template.mapping[key][0]].rect, abs=0.01)


# By hand


@pytest.fixture(scope="module")
def stranger() -> bytes:
    return factory.pdf(factory.strangers(MOVED, leave_out=["30"]).values())


def test_a_mapping_file_is_json_or_toml(stranger: bytes) -> None:
    template = load_template(stranger)
    one, two = template.mapping["1a"][0], template.mapping["2"][0]
    files = [
        json.dumps({"1a": two, "2": one, "30": "", "28": [template.mapping["28"][0], one]}),
        f'\ufeff1a = "{two}"\n2 = "{one}"\n30 = ""\n"28" = ["{template.mapping["28"][0]}", "{one}"]\n',
    ]
    for text in files:
        match = by_hand(read_mapping(text.encode()), template, GRID)
        assert match == {"1a": (two,), "2": (one,), "30": (), "28": (template.mapping["28"][0], one)}


def test_keys_with_points_need_no_quotes() -> None:
    assert read_mapping(b'24.1.charge = "a"\n24.1.units = "b"\n') == {"24.1.charge": "a", "24.1.units": "b"}


def test_the_match_can_be_written_corrected_and_read_again(stranger: bytes) -> None:
    template = load_template(stranger)
    text = mapping_text(template)
    assert by_hand(read_mapping(text.encode()), template, GRID) == template.mapping
    widgets = factory.strangers(MOVED)
    left, top, right, bottom = widgets.pop("28")["/Rect"]
    halves = [factory.text(name, (x, top, x + 25, bottom)) for name, x in (("d", left), ("c", right - 25))]
    divided = load_template(factory.pdf([*widgets.values(), *halves, factory.text("more", (300, 770, 340, 780))]))
    assert '"28" = ["d", "c"]' in mapping_text(divided)
    assert mapping_text(divided).endswith('# unused: "more"\n')


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "cannot be read"),
        ("1a = ", "cannot be read"),
        ("\xff", "cannot be read"),
        ("{" + '"a":{' * 100_000, "cannot be read"),
        ('{"1a": 5}', "no field name for “1a”"),
        ('{"1a": []}', "no field name for “1a”"),
        ("[24.1]\ncharge = [1]", "no field name for “24.1.charge”"),
    ],
)
def test_a_mapping_file_that_is_none_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read_mapping(text.encode("latin-1") if text.isascii() or len(text) == 1 else text.encode())


def test_what_a_mapping_names_must_be_there(stranger: bytes) -> None:
    template = load_template(stranger)
    one, tick = template.mapping["1a"][0], template.mapping["10a.yes"][0]
    cases: list[tuple[dict[str, str | list[str]], str]] = [
        ({"1z": one}, "names the box “1z”"),
        ({"1z": ""}, "names the box “1z”"),
        ({"1a": "who"}, "names the field “who” for 1a"),
        ({"1a": tick}, "puts 1a into a check box"),
        ({"1a": [one, one]}, "several fields to 1a"),
        ({"28": [one, one, one]}, "several fields to 28"),
        ({"2": one}, "gives 2 the field of 1a"),
    ]
    for given, sentence in cases:
        with pytest.raises(InputError, match=sentence):
            by_hand(given, template, GRID)


def test_a_field_may_be_shared_within_its_item_by_hand(stranger: bytes) -> None:
    template = load_template(stranger)
    street = template.mapping["5.street"]
    assert by_hand({"5.city": street[0]}, template, GRID) == {"5.city": street}


def test_templates_differ_by_their_content() -> None:
    made = [load_template(factory.pdf(factory.like_fillable_a(), drawing=text)) for text in (b"q Q", b"Q q")]
    for one, other in itertools.combinations(made, 2):
        assert one.sha256 != other.sha256
