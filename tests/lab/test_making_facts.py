"""The facts of the lab are made anew only out of a catalogue that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftsync.lab.making_facts import TARGET, main


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--help"], 0, "one <Class>.json for each class"),
        ([], 2, "catalogue"),
        (["somewhere", "--nonsense"], 2, "--nonsense"),
        (["nowhere"], 2, "nowhere is no catalogue"),
        ([str(Path(__file__).parent)], 2, "is no catalogue"),
    ],
)
def test_what_is_no_catalogue_leaves_the_facts_alone(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = TARGET.read_bytes()
    with pytest.raises(SystemExit) as ended:
        main(words)
    told = capsys.readouterr()
    assert (ended.value.code, said in told.out + told.err) == (code, True)
    assert TARGET.read_bytes() == before
