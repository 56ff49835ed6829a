"""MLflow's database read directly, on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy

from bench.database import database
from bench.errors import BenchError, TrackingError, UsageError
from tests.servers import QUOTED

N_RUNS = 2500

WRITES = [
    "DELETE FROM runs",
    "DELETE FROM runs RETURNING run_uuid",
    "UPDATE runs SET name = 'x'",
    "INSERT INTO runs (run_uuid) VALUES ('x')",
    "DROP TABLE tags",
    "CREATE TABLE more (a int)",
    "CREATE TEMP TABLE more (a int)",
    "BEGIN; DELETE FROM runs; COMMIT",
    "COMMIT",
    "SELECT 1; COMMIT; DELETE FROM runs",
    "SELECT 1; DELETE FROM runs",
    "VACUUM",
    "WITH gone AS (DELETE FROM runs RETURNING 1) SELECT * FROM gone",
    "ATTACH 'other.db' AS other",
    "PRAGMA query_only = OFF",
    "PRAGMA journal_mode = DELETE",
    "SET TRANSACTION READ WRITE",
    "SET TRANSACTION READ WRITE; DELETE FROM runs",
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    "ROLLBACK; BEGIN READ WRITE; DELETE FROM runs; COMMIT",
    "SELECT set_config('transaction_read_only', 'off', false)",
    "SELECT nextval('experiments_experiment_id_seq')",
    "COPY runs TO PROGRAM 'cat'",
    "DO $$ BEGIN DELETE FROM runs; END $$",
    "",
]


@pytest.fixture(scope="module")
def uri(database_uri: str) -> str:
    """Return the URI of a database with many runs."""
    runs = sqlalchemy.table("runs", sqlalchemy.column("run_uuid"), sqlalchemy.column("name"))
    rows = [{"run_uuid": f"{n:032}", "name": f"run {n}"} for n in range(N_RUNS)]
    engine = sqlalchemy.create_engine(database_uri, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.execute(runs.insert(), rows)
    return database_uri


def ask(uri: str, text: str) -> list[tuple[object, ...]]:
    """Return the rows of a query."""
    with database.reading(uri) as connection:
        return [tuple(row) for row in database.query(connection, text).rows]


@pytest.mark.slow
@pytest.mark.parametrize("statement", WRITES)
def test_a_query_that_would_write_is_refused_and_changes_nothing(
    uri: str, statement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the statement tries: it is a usage error, or has no effect."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as refused:
        ask(uri, statement)
    assert "\n" not in str(refused.value)
    assert ask(uri, "SELECT count(*), min(name) FROM runs") == [(N_RUNS, "run 0")]
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_function_that_reopens_the_session_for_writing_gains_nothing(uri: str) -> None:
    """The setting of the session is changed, the transaction stays as it is."""
    text = "SELECT set_config('default_transaction_read_only', 'off', false)"
    if uri.startswith("sqlite"):
        with pytest.raises(UsageError, match="no such function"):
            ask(uri, text)
        return
    with database.reading(uri) as connection:
        assert list(database.query(connection, text).rows) == [("off",)]
        with pytest.raises(sqlalchemy.exc.SQLAlchemyError, match="read-only transaction"):
            connection.exec_driver_sql("DELETE FROM runs")


def test_a_query_is_read_to_its_end_with_its_names(uri: str) -> None:
    """More rows than one block, per cent signs and colons as they are typed."""
    text = "SELECT run_uuid AS id, '100% :x %s' AS mark FROM runs ORDER BY 1"
    with database.reading(uri) as connection:
        found = database.query(connection, text)
        assert found.names == ("id", "mark")
        assert [row[0] for row in found.rows] == [f"{n:032}" for n in range(N_RUNS)]
    assert ask(uri, "WITH a AS (SELECT 1 AS x) SELECT x FROM a;") == [(1,)]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELEC 1", 'syntax error|near "SELEC"'),
        ("SELECT * FROM run", "did you mean 'runs'"),
        ("SELECT * FROM elsewhere", "see bench db tables"),
        ("SELECT nothing FROM runs", "nothing"),
    ],
)
def test_a_mistake_in_a_query_is_named(uri: str, statement: str, words: str) -> None:
    """In the words of the database, with a table that was probably meant."""
    with pytest.raises(UsageError, match=words):
        ask(uri, statement)


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "


@pytest.mark.parametrize("statement", ["SELECT count(*) FROM n", "SELECT x FROM n"])
def test_a_query_without_end_ends_at_its_limit(uri: str, statement: str) -> None:
    """Before its first row, and while rows are read."""
    with (
        pytest.raises(UsageError, match=r"longer than 0\.3 s.*--time-limit"),
        database.reading(uri) as connection,
    ):
        for _ in database.query(connection, ENDLESS + statement, 0.3).rows:
            pass


def test_tables_come_with_their_numbers_of_rows(uri: str) -> None:
    """Sorted by name."""
    with database.reading(uri) as connection:
        found = [(name, count) for name, count in database.tables(connection).rows]
    assert dict(found)["runs"] == N_RUNS
    assert dict(found)["tags"] == 0
    assert found == sorted(found)


def test_a_schema_has_types_keys_and_references(uri: str) -> None:
    """One row a field; an unknown table names a near one."""
    with database.reading(uri) as connection:
        fields = {row[0]: row[1:] for row in database.schema(connection, "tags").rows}
        assert fields["key"][1:] == ("not null", "primary", "")
        assert fields["run_uuid"][1:] == ("not null", "primary", "runs.run_uuid")
        assert fields["value"] == ("VARCHAR(8000)", "null", "", "")
        with pytest.raises(UsageError, match="did you mean 'tags'"):
            database.schema(connection, "tag")


def test_reading_leaves_no_file_behind(uri: str) -> None:
    """The SQLite file is the only one in its folder, also afterwards."""
    if not uri.startswith("sqlite"):
        pytest.skip("a server has no such file")
    ask(uri, "SELECT 1")
    folder = Path(uri.removeprefix("sqlite:///")).parent
    assert [path.name for path in folder.iterdir()] == ["a b.db"]


@pytest.mark.parametrize(
    ("uri", "kind", "words"),
    [
        ("http://127.0.0.1:5000", UsageError, "is a server; give the address of its database"),
        ("https://me:geheim@mlflow.test/x", UsageError, "https://\\*\\*\\*@mlflow.test/x is a ser"),
        ("mysql://me:geheim@127.0.0.1/x", UsageError, "neither SQLite nor PostgreSQL"),
        ("databricks", UsageError, "neither SQLite nor PostgreSQL"),
        ("sqlite:///nothing.db", TrackingError, "nothing.db: the database does not exist"),
        ("sqlite:///text.db", TrackingError, "the file is not a usable database"),
        ("postgresql://me:geheim@127.0.0.1:1/x", TrackingError, "the server does not answer"),
        ("postgresql+nodriver://me:geheim@127.0.0.1:1/x", TrackingError, "nodriver"),
        ("postgresql://me:geheim@127.0.0.1:port/x", UsageError, "not the address of a database"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(
    uri: str, kind: type[BenchError], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to do, and never the password."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.db").write_text("no database, however long this text may be" * 20)
    with pytest.raises(kind, match=words) as refused:
        ask(uri, "SELECT 1")
    assert "geheim" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.xdist_group("servers")
def test_a_wrong_password_is_one_clear_line(postgresql: str) -> None:
    """PostgreSQL names the user, and the password is not said."""
    with pytest.raises(TrackingError, match="password") as refused:
        ask(postgresql.replace(QUOTED, "falsch"), "SELECT 1")
    assert "falsch" not in str(refused.value)


def test_a_locked_database_is_said_to_be_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some seconds of patience."""
    monkeypatch.setattr(database, "_BUSY_S", 0.1)
    path = tmp_path / "mlflow.db"
    holder = sqlite3.connect(path)
    holder.execute("CREATE TABLE runs (a)")
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(TrackingError, match="another program keeps the database locked"):
        ask(f"sqlite:///{path}", "SELECT * FROM runs")
    holder.close()


def test_a_database_in_write_ahead_mode_is_read_while_it_is_written(tmp_path: Path) -> None:
    """This is the mode of the stores that bench makes."""
    path = tmp_path / "mlflow.db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("CREATE TABLE runs (a)")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO runs VALUES (1)")
    assert ask(f"sqlite:///{path}", "SELECT count(*) FROM runs") == [(0,)]
    writer.execute("COMMIT")
    assert ask(f"sqlite:///{path}", "SELECT count(*) FROM runs") == [(1,)]
    writer.close()
    assert ask(f"sqlite:///{path}", "SELECT count(*) FROM runs") == [(1,)]
