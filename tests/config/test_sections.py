from pathlib import Path

from pytest_deploycheck.model.secret import Secret

from .contracts import LOCAL, SECRET, Listed, read, refused


def test_a_list_is_short_for_http(tmp_path: Path) -> None:
    short = read(tmp_path, f"{LOCAL}smoke:\n  - a: {{}}\n")
    long = read(tmp_path, f"{LOCAL}smoke:\n  http:\n    - a: {{}}\n")

    assert [check.id for check in short.checks] == [check.id for check in long.checks] == ["smoke::a"]


def test_checks_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = f"{LOCAL}schema: {{tables: [c: {{}}], http: [b: {{}}]}}\nrelease: {{version: [v: {{}}]}}\n"
    text += "smoke: [a: {}]\n"

    assert [check.id for check in read(tmp_path, text).checks] == [
        "schema::c",
        "schema::b",
        "release::v",
        "smoke::a",
    ]


def test_a_kind_is_told_what_is_around_its_part(tmp_path: Path) -> None:
    kind = Listed()
    text = f"{LOCAL}identities: {{who: {{token: '${{T}}'}}}}\nsigning: {{key: '${{T}}'}}\n"
    text += "schema:\n  tables:\n    - a: {}\n"

    read(
        tmp_path,
        text,
        variables={"T": SECRET},
        kinds={"http": kind, "tables": kind},
    )

    (context,) = kind.seen
    assert (context.marker, context.folder, context.environment.name) == ("schema", tmp_path, "local")
    assert set(context.identities) == {"anonymous", "who"}
    assert context.signing is not None
    assert context.secrets == (("T", Secret(SECRET)),)
    assert [context.place(loc).line for loc in ((), (0,), (0, "a"))] == [7, 8, 8]


def test_the_same_name_in_two_sections_is_no_duplicate(tmp_path: Path) -> None:
    assert len(read(tmp_path, f"{LOCAL}smoke: [a: {{}}]\nsecurity: [a: {{}}]\n").checks) == 2


def test_a_second_check_of_a_name_is_told_with_both_places(tmp_path: Path) -> None:
    assert refused(tmp_path, f"{LOCAL}smoke:\n  tables: [a: {{}}]\n  http: [a: {{}}]\n") == (
        "deploycheck.yaml:6:10: a second check 'smoke::a': the first is at deploycheck.yaml:5:12\n"
        "    expected a name of its own, such as a text in [ ] behind it"
    )


def test_a_kind_without_checks_checks_nothing(tmp_path: Path) -> None:
    assert "'http' is empty" in refused(tmp_path, f"{LOCAL}smoke: {{http: []}}\n")
    assert "'smoke' checks nothing" in refused(tmp_path, f"{LOCAL}smoke:\n  - {{}}\n")


def test_booleans_are_no_numbers_and_texts_neither(tmp_path: Path) -> None:
    printed = refused(
        tmp_path, f"{LOCAL}smoke:\n  - a: {{status: true}}\n  - b: {{status: abc, fast: 1, text: 5}}\n"
    )

    assert printed.splitlines()[::2] == [
        "deploycheck.yaml:5:17: 'status' is 'true'",
        "deploycheck.yaml:6:17: 'status' is 'abc'",
        "deploycheck.yaml:6:28: 'fast' is '1'",
        "deploycheck.yaml:6:37: 'text' is '5'",
    ]


def test_a_mistake_in_one_kind_does_not_hide_that_of_another(tmp_path: Path) -> None:
    text = f"{LOCAL}smoke:\n  http: [a: {{statsu: 200}}]\n  tables: [misused: {{text: so}}]\n"
    text += "security: [b: {tex: a}]\n"

    printed = refused(tmp_path, text)

    assert [line.split(":")[1] for line in printed.splitlines()[::2]] == ["5", "6", "7"]


def test_a_value_that_can_t_be_filled_in_is_told_once_and_the_rest_is_still_read(tmp_path: Path) -> None:
    text = f"{LOCAL}smoke:\n  - a: {{status: '${{NONE}}', fats: true}}\n"

    assert refused(tmp_path, text).splitlines()[::2] == [
        "deploycheck.yaml:5:17: 'status' needs the variable NONE, which is not set",
        "deploycheck.yaml:5:28: unknown key 'fats'",
    ]
