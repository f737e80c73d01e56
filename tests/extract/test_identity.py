from cst_contracts.extract.identity import FileIdentity, file_id


def test_ids_are_the_same_on_every_machine() -> None:
    identity = FileIdentity.of("repo", "pkg/m.py", b"x = 1\n")

    assert identity.file_id == "54f7a005d2480e12272dc2457f430d35"
    assert identity.row_id("ref", 0, 1) == "dced41bab04cfbfe4f68"
    assert identity.sha256 == "9e26bf369911c45c243c684147b23fc9e1dcfcf257d299a1c632016a6fcd33f4"


def test_repo_and_path_are_not_run_together() -> None:
    assert file_id("a", "b/c.py") != file_id("a/b", "c.py")
    assert file_id("ab", "c.py") != file_id("a", "bc.py")


def test_rows_of_other_kinds_or_spans_have_other_ids() -> None:
    identity = FileIdentity.of("repo", "m.py", b"")
    ids = {
        identity.row_id(kind, start, end)
        for kind in ("ref", "call", "def")
        for start, end in [(1, 23), (12, 3), (1, 2)]
    }

    assert len(ids) == 9
