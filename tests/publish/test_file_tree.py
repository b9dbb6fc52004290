"""The tree of exported files on a real file system: whole or not at all, ours alone, times that only rise."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedhub.errors import UsageError
from feedhub.publish.file_tree import Exported, FileTree
from feedhub.publish.manifest import Manifest, Written

PATH = "rss/life.xml"


def a_file(body: bytes = b"one", *, path: str = PATH, modified: int = 1000, version: str | None = None) -> Exported:
    return Exported(
        path=path,
        bodies={"": body, ".gz": b"z" + body},
        version=version or body.decode("latin-1"),
        modified=modified,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[FileTree]:
    made = FileTree(tmp_path / "out")
    yield made
    made.close()


def put(tree: FileTree, file: Exported) -> bool:
    """Write one file to its end."""
    wrote = tree.write(file)
    tree.settle({})
    return wrote


def again(tree: FileTree) -> FileTree:
    """As the next process finds it."""
    tree.close()
    return FileTree(tree.root)


def test_a_file_stands_with_its_forms_and_its_time(tree: FileTree) -> None:
    assert put(tree, a_file())
    for suffix, body in {"": b"one", ".gz": b"zone"}.items():
        file = Path(f"{tree.root / PATH}{suffix}")
        assert file.read_bytes() == body
        assert file.stat().st_mtime == 1000
        assert file.stat().st_mode & 0o444 == 0o444 & ~_umask()
    assert not list((tree.root / ".feedhub" / "tmp").iterdir())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_what_stands_is_not_written_again_by_any_process(tree: FileTree) -> None:
    put(tree, a_file())
    inode = (tree.root / PATH).stat().st_ino
    assert not put(tree, a_file())
    tree = again(tree)
    assert not put(tree, a_file())
    assert (tree.root / PATH).stat().st_ino == inode


def test_a_rewrite_moves_the_time_by_a_second_at_least(tree: FileTree) -> None:
    put(tree, a_file(b"one", modified=1000))
    put(tree, a_file(b"two", modified=1000))
    assert (tree.root / PATH).stat().st_mtime == 1001
    put(tree, a_file(b"three", modified=900))
    assert (tree.root / PATH).stat().st_mtime == 1002, "a store that was set back does not set readers back"
    put(tree, a_file(b"four", modified=2000))
    assert (tree.root / PATH).stat().st_mtime == 2000


def test_a_form_that_is_no_more_goes(tree: FileTree) -> None:
    put(tree, a_file())
    put(tree, Exported(path=PATH, bodies={"": b"tiny"}, version="t", modified=1001))
    assert not Path(f"{tree.root / PATH}.gz").exists()
    put(tree, Exported(path=PATH, bodies={"": b"tiny", ".br": b"b"}, version="t", modified=1001))
    assert Path(f"{tree.root / PATH}.br").read_bytes() == b"b", "a coding that was not there before is written"


def test_only_what_we_wrote_is_replaced_or_removed(tree: FileTree) -> None:
    (tree.root / "rss").mkdir()
    (tree.root / PATH).write_text("the operator's own")
    (tree.root / "other.txt").write_text("the operator's own")
    assert not put(tree, a_file())
    assert tree.foreign == {PATH}
    put(tree, a_file(path="rss/a/b.xml"))
    assert tree.keep_only(set()) == 1
    assert (tree.root / PATH).read_text() == "the operator's own"
    assert sorted(it.name for it in tree.root.iterdir()) == [".feedhub", "other.txt", "rss"]
    assert not (tree.root / "rss" / "a").exists(), "folders that are left empty go"


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/x", "", "a//b", ".hidden", "a/\n", "a b"])
def test_no_path_leads_out(tree: FileTree, path: str) -> None:
    with pytest.raises(ValueError, match="no path of ours"):
        put(tree, a_file(path=path))


def test_one_export_at_a_time(tree: FileTree) -> None:
    with pytest.raises(UsageError, match="Another export"):
        FileTree(tree.root)


def test_killed_between_the_files_and_the_list(tree: FileTree) -> None:
    """The path was noted before, so the next process knows it as its own and says what stands."""
    put(tree, a_file())
    tree.manifest.note(PATH, Written("", 1000, {}))
    (tree.root / ".feedhub" / "tmp" / "0").write_text("half")
    inode = (tree.root / PATH).stat().st_ino
    tree = again(tree)
    assert not list((tree.root / ".feedhub" / "tmp").iterdir())
    assert not tree.stands(PATH, "one")
    put(tree, a_file())
    assert tree.stands(PATH, "one")
    assert (tree.root / PATH).stat().st_ino == inode
    Path(f"{tree.root / PATH}.gz").write_bytes(b"old")
    tree.manifest.note(PATH, Written("", 1000, {}))
    tree = again(tree)
    put(tree, a_file())
    assert Path(f"{tree.root / PATH}.gz").read_bytes() == b"zone"


def test_files_that_were_deleted_or_changed_are_missed(tree: FileTree) -> None:
    put(tree, a_file())
    put(tree, a_file(path="b.xml"))
    assert tree.whole()
    Path(f"{tree.root / PATH}.gz").unlink()
    assert not tree.whole()
    assert not tree.stands(PATH, "one")
    assert tree.stands("b.xml", "one")
    put(tree, a_file())
    (tree.root / "b.xml").write_bytes(b"0ne")
    assert not tree.whole(), "its time has moved"


def test_a_full_disk_leaves_the_old_file_whole(tree: FileTree) -> None:
    put(tree, a_file())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OSError, match="large"):
            put(tree, a_file(b"x" * 10_000, version="big"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (tree.root / PATH).read_bytes() == b"one"
    assert not list((tree.root / ".feedhub" / "tmp").iterdir()), "what is half written keeps no disk full"
    assert put(tree, a_file(b"x" * 10_000, version="big"))
    assert (tree.root / PATH).read_bytes() == b"x" * 10_000


def test_files_that_wait_for_each_other_are_all_or_none_of_them_there(tree: FileTree) -> None:
    files = [a_file(path=f"{number}.xml") for number in range(50)]
    assert all(tree.write(file) for file in files)
    tree.write(a_file(b"two", path="49.xml"))
    tree.settle({"seq": "1"})
    assert len(list(tree.root.glob("*.xml"))) == len(list(tree.root.glob("*.xml.gz"))) == 50
    assert (tree.root / "49.xml").read_bytes() == b"two"
    assert not list((tree.root / ".feedhub" / "tmp").iterdir())
    tree = again(tree)
    assert not any(tree.write(file) for file in files[:49])
    assert tree.manifest.standing == {"seq": "1"}


def test_the_list_survives_torn_lines_and_is_shortened(tmp_path: Path) -> None:
    file = tmp_path / "manifest"
    first = Manifest(file)
    for number in range(1200):
        first.note("a", Written(str(number), number, {"": 1}))
    first.note("b", Written("b", 1, {"": 1}))
    first.forget("b")
    first.stand({"seq": "7"})
    first.close()
    with file.open("ab") as stream:
        stream.write(b'{"path": "a", "versi')
    second = Manifest(file)
    assert second.paths == {"a": Written("1199", 1199, {"": 1})}
    assert second.standing == {"seq": "7"}
    assert len(file.read_bytes().splitlines()) == 2
    second.note("c", Written("c", 1, {"": 1}))
    second.close()
    assert set(Manifest(file).paths) == {"a", "c"}
