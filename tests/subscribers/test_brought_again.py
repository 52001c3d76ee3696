"""Reports that are brought again, columns mapped the wrong way round, JSON of other shapes, files like others."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select

from composer.database import connect
from composer.errors import Refused
from composer.subscribers.csv_columns import label, locate
from composer.subscribers.questions import UnreadColumns
from composer.subscribers.standing import Stance
from composer.subscribers.tables import consents
from tests.subscribers.support.csv_lists import rows, take
from tests.support.address_keys import make_tables


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = connect("sqlite:///x.db", tmp_path, create=True)
    make_tables(engine)
    return engine


def active(engine: Engine) -> list[str]:
    return [str(row[0]).split("@")[0] for row in rows(engine) if row[5] == "active"]


def again(tmp_path: Path) -> str:
    """The report, with its addresses mended."""
    return (tmp_path / "report.csv").read_text(encoding="utf-8-sig").replace(".at.", "@")


def test_a_report_whose_second_line_was_moved_is_refused(engine: Engine, tmp_path: Path) -> None:
    """It says that all of them left; a spreadsheet sorts it among the others."""
    take(engine, tmp_path, "email;nom\na.at.example.org;A\nb.at.example.org;B\n", state=Stance.LEFT)
    lines = again(tmp_path).splitlines()
    for changed in ([lines[0], *lines[2:]], [lines[0], *lines[2:], lines[1]]):
        with pytest.raises(Refused, match="second line"):
            take(engine, tmp_path, "\n".join(changed), name="corrected.csv")
    assert take(engine, tmp_path, "\n".join(lines), name="corrected.csv")[0].left == 2


def test_a_list_of_lines_and_reasons_is_not_taken_for_a_report(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="call its second column by another name"):
        take(engine, tmp_path, "Ligne;Raison;Email\n1;lassitude;g@example.org\n")
    with pytest.raises(UnreadColumns, match="Raison du départ"):
        take(engine, tmp_path, "Ligne;Raison du départ;Email\n1;lassitude;g@example.org\n")


def test_a_report_keeps_the_tier_the_order_of_dates_and_what_was_not_read(engine: Engine, tmp_path: Path) -> None:
    content = "email,paid_until,deleted_at\na.at.example.org,03/05/2031,2020-01-01\n"
    take(engine, tmp_path, content, tier="paid", date_order="mdy", ignore=["deleted_at"])
    counts, _ = take(engine, tmp_path, again(tmp_path), name="corrected.csv")
    assert (counts.added, counts.left, counts.remarks) == (1, 0, ())
    assert [(row[2], str(row[3])[:10]) for row in rows(engine)] == [("paid", "2031-03-05")]


def test_a_report_is_of_the_platform_of_its_list(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "first_name,email,created_at,status\nA,a.at.example.org,2024-01-05,inactive\n")
    counts, _ = take(engine, tmp_path, again(tmp_path), name="corrected.csv")
    assert (counts.platform, counts.unproven) == ("Kit", 1)


@pytest.mark.parametrize(
    ("field", "name", "meant"),
    [
        ("opted_in", "Désabonné", "opted_out"), ("opted_in", "Désinscrit newsletter", "opted_out"),
        ("subscribed_at", "Désabonné le", "opted_out"), ("paid", "Résilié", "opted_out"),
        ("lists", "Unsubscribed", "opted_out"), ("opted_out", "Abonné", "opted_in"),
        ("hard_bounced", "Optin", "opted_in"), ("opted_out_reason", "Consentement RGPD", None),
    ],
)  # fmt: skip
def test_a_column_mapped_the_wrong_way_round_is_refused(field: str, name: str, meant: str | None) -> None:
    """Who left would be brought in, or all the others taken off for good."""
    if meant is not None:
        with pytest.raises(Refused, match=f"did you mean --map '?{meant}={name}.*say its place: --map '{field}=#2'"):
            locate(["email", name], {field: [name]})
    assert (field, name) in locate(["email", name], {field: ["#2"]}).understood


def test_what_contradicts_a_name_is_not_proposed(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UnreadColumns) as asked:
        take(engine, tmp_path, "email;Désabonné tél.\na@example.org;\nb@example.org;oui\n")
    assert "opted_in" not in str(asked.value)


@pytest.mark.parametrize(
    "content",
    [
        {"subscribers": [{"email": "g@example.org"}], "unsubscribed": ["g@example.org"]},
        {"data": {"subscribers": [{"email": "g@example.org"}], "removed": [{"email": "g@example.org"}]}},
    ],
)
def test_a_list_of_addresses_or_further_inside_is_one_of_several(
    engine: Engine, tmp_path: Path, content: object
) -> None:
    with pytest.raises(Refused, match="several lists"):
        take(engine, tmp_path, json.dumps(content), name="x.json")


def test_a_text_beside_a_list_may_say_who_is_in_it(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UnreadColumns, match="désabonnés"):
        take(engine, tmp_path, json.dumps({"list": "désabonnés", "members": ["g@example.org"]}), name="x.json")


def test_a_part_of_a_longer_list_is_told(engine: Engine, tmp_path: Path) -> None:
    content = {"members": [{"email": "a@example.org"}], "meta": {"pagination": {"total": 33}}}
    assert dict(take(engine, tmp_path, json.dumps(content), name="x.json")[0].remarks) == {"part": 33}


@pytest.mark.parametrize("name", ["x.jsonl", "x.txt", "x.csv"])
def test_json_of_lines_or_under_another_name_is_read(engine: Engine, tmp_path: Path, name: str) -> None:
    content = '{"email":"a@example.org","status":"active"}\n{"email":"b@example.org","status":"unsubscribed"}\n'
    assert (take(engine, tmp_path, content, name=name)[0].left, active(engine)) == (1, ["a"])


def test_an_at_in_a_name_is_no_address(engine: Engine, tmp_path: Path) -> None:
    assert take(engine, tmp_path, "Nom;E-mail @\nA;a@example.org\n")[0].added == 1


def test_names_in_quotation_marks_and_spaces_say_what_to_mend(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"list\.csv:1: the names .* a space stands between a quotation mark"):
        take(engine, tmp_path, '"email" ; "nom"\n"a@example.org" ; "A"\n')
    _, report = take(engine, tmp_path, "email;nom;note\na@example.org;A\n")
    assert "Excel left out empty cells" in report[0][1]


def test_each_label_leads_to_its_column() -> None:
    for header in (["email", "Zed", "Zed ", ""], ["email", "#4", "x", ""], ["email", "Ignorée", "ignorer", "#1"]):
        for at in range(1, 4):
            assert locate(header, {"opted_out": [label(header, at)]}).several == [("opted_out", at)]


def test_several_cells_that_tell_it_are_shown(engine: Engine, tmp_path: Path) -> None:
    """The first may be harmless, and the column would be ignored."""
    content = "email;Note\na@example.org;ne plus envoyer de papier\nb@example.org;\ng@example.org;désabonnée\n"
    with pytest.raises(UnreadColumns, match="ne plus envoyer de papier, désabonnée"):
        take(engine, tmp_path, content)


def test_an_end_of_consent_is_no_yes(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UnreadColumns) as asked:
        take(engine, tmp_path, "email;Consentement jusqu'au\na@example.org;31/12/2031\ng@example.org;31/12/2020\n")
    assert asked.value.suspects[0].option.startswith("--map '?=")


def test_a_report_of_a_report_is_one(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email,nom\na.at.example.org,A\n", state=Stance.LEFT)
    report = (tmp_path / "report.csv").read_text(encoding="utf-8-sig")
    take(engine, tmp_path, report.replace("read as", "READ AS"), name="corrected.csv")
    assert (tmp_path / "report.csv").read_text(encoding="utf-8-sig").replace("\n3,", "\n2,") == report
    assert take(engine, tmp_path, again(tmp_path), name="again.csv")[0].left == 1


def test_a_table_with_another_delimiter_is_a_second_one(engine: Engine, tmp_path: Path) -> None:
    first = "email;nom;statut\na@example.org;A;actif\ng@example.org;G;actif\n"
    with pytest.raises(Refused, match=r"list\.csv:4: names of columns again"):
        take(engine, tmp_path, f"{first}email,nom,statut\ng@example.org,G,désabonné\n")
    take(engine, tmp_path, f"{first}g@example.org,G,désabonné\n")
    assert active(engine) == ["a"]


def test_a_report_keeps_the_zone_and_the_source(engine: Engine, tmp_path: Path) -> None:
    """What is said now counts before it."""
    content = "email,paid_until\na.at.example.org,2031-05-03 10:00\n"
    york, source = ZoneInfo("America/New_York"), 'Salon d\'Angers, "2024"'
    take(engine, tmp_path, content, tier="paid", zone=york, said=["timezone"], source=source)
    report = again(tmp_path)
    take(engine, tmp_path, report, name="corrected.csv", source=None)
    assert str(rows(engine)[0][3]) == "2031-05-03 14:00:00+00:00"
    with engine.connect() as connection:
        assert connection.execute(select(consents.c.source)).scalar_one() == source
    take(engine, tmp_path, report, name="corrected.csv", zone=ZoneInfo("UTC"), said=["timezone"])
    assert str(rows(engine)[0][3]) == "2031-05-03 10:00:00+00:00"
    with pytest.raises(Refused, match="“Mars/Base” is no time zone"):
        take(engine, tmp_path, report.replace("America/New_York", "Mars/Base"), name="corrected.csv")


def test_the_order_of_dates_said_now_counts_before_that_of_a_report(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, "email,paid_until\na.at.example.org,03/05/2031\n", tier="paid", date_order="mdy")
    take(engine, tmp_path, again(tmp_path), name="corrected.csv", said=["date-order"])
    assert str(rows(engine)[0][3])[:10] == "2031-05-03"
