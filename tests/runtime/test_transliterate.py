"""Accents and typographic characters become ASCII; other characters stay."""

# ruff: noqa: RUF001

import json
from typing import Any

import pytest

from scorp_runtime import LabelError, transliterate

TABLE = {
    "Crème brûlée, Ångström, ñ, Č": "Creme brulee, Angstrom, n, C",
    "e\u0301": "e",
    "Straße ẞ": "Strasse SS",
    "æÆ œŒ øØ đĐ łŁ þÞ": "aeAE oeOE oO dD lL thTh",
    "Ǿ ǽ": "O ae",
    "1–2—3−4": "1-2-3-4",
    "‘a’ ‚b´ “c” „d“ «e» ‹f›": "'a' 'b' \"c\" \"d\" \"e\" 'f'",
    "so…": "so...",
    "1\u00a0000\u202f000\u2009km": "1 000 000 km",
    "ﬁ ² ½": "fi 2 1/2",
    "日本 が 한 Ώ € ¨": "日本 が 한 Ώ € ¨",
    "\n !~": "\n !~",
    "": "",
}


@pytest.mark.parametrize(("text", "ascii_text"), TABLE.items())
def test_the_text_becomes_ascii_where_it_can(text: str, ascii_text: str) -> None:
    assert transliterate(text) == ascii_text
    assert transliterate(ascii_text) == ascii_text


def test_all_of_printable_ascii_stays() -> None:
    text = "".join(map(chr, range(128)))
    assert transliterate(text) == text


def test_other_types_are_refused() -> None:
    with pytest.raises(LabelError, match="not bytes"):
        transliterate(b"a")  # type: ignore[arg-type]


def test_the_command_transliterates_only_on_request(scorp_gen: Any, fails: Any) -> None:
    words = ["text", "CAFÉ", "12–3", "a.png", "--seed", 1, "--json"]
    assert "'É', '–'" in fails(2, *words, model=None)
    report = json.loads(scorp_gen(*words, "--transliterate", model=None).stdout)
    assert report["text"] == "CAFE\n12-3"
    assert fails(2, "text", "日", "a.png", "--transliterate", model=None).count("日") == 1
