"""What a keeper of the ledger, or a thief, may try; the stranger finds each, and says where."""

import re
import subprocess
import sys

import pytest
from forged_world import AGREEMENT, START, World, exported, key_of, signer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steppewatch.custody.ledger import sign_act
from steppewatch.custody.ledger.checkpoint import fork
from steppewatch.custody.ledger.statement import read_statement
from steppewatch.engine.custody_stranger import Checker, check
from steppewatch.engine.custody_stranger_file import stranger_file
from steppewatch.errors import CustodyError


@pytest.fixture
def world():
    return World().honest()


def wrong(world, tmp_path, statements=None, checkpoints=()):
    log = exported(statements or world.statements, world.kept, tmp_path / "x.log")
    return check(log, list(checkpoints), cores=1).wrong


def said(found):
    return " ".join(why for _, why in found)


def test_an_honest_history_has_nothing_wrong(world, tmp_path):
    assert wrong(world, tmp_path) == []


def test_any_byte_that_is_flipped_is_found(world, tmp_path):
    n = 0
    for position, data in enumerate(world.statements):
        for place in range(position % 7, len(data), 41):
            changed = data[:place] + bytes([data[place] ^ 1 << n % 8]) + data[place + 1 :]
            forged = [*world.statements[:position], changed, *world.statements[position + 1 :]]
            assert wrong_at(forged, world, tmp_path), f"byte {place} of statement {position}"
            n += 1
    assert n > 150


def wrong_at(forged, world, tmp_path):
    return wrong(world, tmp_path, forged)


def test_each_statement_that_is_deleted_swapped_or_repeated_is_found(world, tmp_path):
    rows = world.statements
    for k in range(len(rows) - 1):
        assert wrong(world, tmp_path, rows[:k] + rows[k + 1 :])
        assert wrong(world, tmp_path, [*rows[:k], rows[k + 1], rows[k], *rows[k + 2 :]])
        assert wrong(world, tmp_path, [*rows, rows[k]])


def test_a_cut_log_is_found_by_a_checkpoint_that_a_witness_kept(world, tmp_path):
    kept = tmp_path / "w-jp.checkpoint"
    kept.write_bytes(world.kept[-1])
    cut = World(world.statements[:5])
    assert wrong(cut, tmp_path) == []  # from itself alone nobody can tell
    assert "a checkpoint was signed over" in said(wrong(cut, tmp_path, checkpoints=[kept]))


def test_a_statement_signed_again_with_another_valid_key_is_found(world, tmp_path):
    for k in range(1, len(world.statements)):
        act = read_statement(world.statements[k]).act
        other = "saran" if act.by != "saran" else "aoi"
        forged = list(world.statements)
        forged[k] = sign_act(act, signer(other), act.by)
        assert "is signed with a key of" in said(wrong(world, tmp_path, forged))


def test_a_whole_new_history_by_the_logs_operator_needs_the_witnesses(world, tmp_path):
    rewritten = World()
    rewritten.begin()
    rewritten.govern("agreement", {"text": AGREEMENT + "\n"})
    rewritten.kept = world.kept
    assert "not those that were signed for" in said(wrong(rewritten, tmp_path)) or (
        "was signed over" in said(wrong(rewritten, tmp_path))
    )


def test_two_witnesses_who_compare_checkpoints_prove_a_fork(world):
    other = World().honest()
    one = world.checkpoint()
    other.tree = type(other.tree)([bytes(32)] * world.tree.size)
    two = other.checkpoint()
    assert fork(one, two, signer("log").key).startswith("fork proved")
    assert fork(one, one, signer("log").key) == ""


def test_a_witness_refuses_an_old_backup_a_fork_and_a_clock_that_goes_back(world):
    old = World().honest()
    world.say("suspect", "bat", {"items": ["M/P/1"], "text": "x"})
    world.ask("w-jp", world.checkpoint())
    old.states = dict(world.states)
    with pytest.raises(CustodyError, match="shrank"):
        old.ask("w-jp", old.checkpoint())
    old.say("suspect", "bat", {"items": ["M/P/2"], "text": "another history"})
    with pytest.raises(CustodyError, match="forked"):
        old.ask("w-jp", old.checkpoint())
    old.say("suspect", "bat", {"items": ["M/P/2"], "text": "and longer"})
    with pytest.raises(CustodyError, match="does not prove"):
        old.ask("w-jp", old.checkpoint())
    world.say("suspect", "bat", {"items": ["M/P/2"], "text": "y"})
    with pytest.raises(CustodyError, match="before the last one"):
        world.ask("w-jp", world.checkpoint(at_ns=START))


def test_a_back_dated_consent_does_not_heal_a_move_even_if_the_operator_helps(tmp_path):
    world = World().honest()
    offer = world.offer("bat", ["M/P/2"], "mn-repair", consent="late")
    world.say("accept", "tuul", {"items": ["M/P/2"]}, [offer])
    world.consent("late", items=["M/P/2"])
    world.witness()
    assert "does not exist" in said(wrong(world, tmp_path))
    dated = World().honest()
    dated.say("propose", "bat", {"kind": "consent", "body": {}}, at_ns=START - 10**12)
    assert "dated before the time that witnesses" in said(wrong(dated, tmp_path))


def test_a_consent_that_is_not_witnessed_yet_does_not_count(tmp_path):
    world = World().honest()
    world.consent("c2", items=["M/P/2"])
    offer = world.offer("bat", ["M/P/2"], "mn-repair", consent="c2")
    assert "not yet witnessed" in said(wrong(world, tmp_path))
    assert offer


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"items": ["M/P/1"]}, "other items"),
        ({"recipient": "mn-ministry"}, "another recipient"),
        ({"purpose": "show"}, "another purpose"),
        ({"until_ns": START + 1}, "not in force"),
    ],
)
def test_a_consent_for_something_else_is_no_consent(tmp_path, change, why):
    world = World().honest()
    world.consent("c2", **({"items": ["M/P/2"]} | change))
    world.witness()
    world.offer("bat", ["M/P/2"], "mn-repair", consent="c2")
    assert why in said(wrong(world, tmp_path))


def test_a_consent_is_not_used_beyond_its_quantity_nor_after_it_was_revoked(tmp_path):
    world = World().honest()
    offer = world.offer("bat", ["M/P/2"], "mn-repair", consent="c1")
    world.say("accept", "tuul", {"items": ["M/P/2"]}, [offer])
    assert "uses 2 of 1" in said(wrong(world, tmp_path))
    world = World().honest()
    world.consent("c2", items=["M/P/2"])
    world.witness()
    world.say("revoke", "aoi", {"consent": "c2", "why": "misuse"})
    world.offer("bat", ["M/P/2"], "mn-repair", consent="c2")
    assert "which is revoked" in said(wrong(world, tmp_path))


def test_a_revoked_key_ends_at_its_position_and_what_it_signed_before_stands(tmp_path):
    world = World().honest()
    world.say("revoke", "aoi", {"kid": signer("bat").key.kid, "why": "stolen"})
    assert wrong(world, tmp_path) == []
    world.say("suspect", "bat", {"items": ["M/P/1"], "text": "by the thief"})
    assert "revoked at" in said(wrong(world, tmp_path))


def test_one_person_alone_cannot_approve_nor_mint_a_second_self(tmp_path):
    for approve, why in (
        (("bat", "saran"), "approves twice, or approves the own"),
        (("saran", "saran"), "approves twice"),
    ):
        world = World().honest()
        world.govern("enrol", {"id": "ghost", "org": "x", "key": key_of("ghost")}, "bat", approve)
        assert why in said(wrong(world, tmp_path))
    world = World().honest()
    world.say("propose", "bat", {"kind": "enrol", "body": {"id": "g", "key": key_of("g")}})
    world.say("suspect", "g", {"items": [], "text": "x"})
    assert "a key that nobody enrolled" in said(wrong(world, tmp_path))


def test_a_consent_without_a_signer_of_the_origin_never_takes_effect(tmp_path):
    world = World().honest()
    body = {"id": "c9", "agreement": "jp-mn", "items": ["M/P/2"]}
    world.govern("consent", body, "bat", ("saran", "tuul"))
    world.witness()
    world.offer("bat", ["M/P/2"], "mn-repair", consent="c9")
    assert "does not exist" in said(wrong(world, tmp_path))


def test_an_agreements_own_table_says_how_many_must_sign(tmp_path):
    text = AGREEMENT + '[[needed]]\nact = "consent"\npersons = 3\norganisations = 3\n'
    world = World().honest()
    world.govern("agreement", {"text": text})
    for approve, why in (
        (("saran", "aoi"), "does not exist"),
        (("saran", "aoi", "tuul"), "not yet witnessed"),
    ):
        world.consent(approve[-1], items=["M/P/2"], approve=approve)
        world.offer("bat", ["M/P/2"], "mn-repair", consent=approve[-1])
        assert why in wrong(world, tmp_path)[-1][1]


def test_an_enrolled_person_may_act_and_a_node_may_journal_but_not_as_the_log(tmp_path):
    world = World().honest()
    body = {"id": "node", "name": "n", "org": "mn-border", "roles": [], "level": 0}
    world.govern("enrol", body | {"key": key_of("node")})
    world.say("journal", "node", {"root": bytes(32), "count": 0})
    world.say("journal", "demo", {"root": bytes(32), "count": 0}, key="log")
    assert wrong(world, tmp_path) == []
    world.say("refused", "node", {})
    assert "is signed with a key of 'node'" in said(wrong(world, tmp_path))
    world = World().honest()
    world.say("suspect", "bat", {"items": []}, key="log")
    assert "is signed with a key of 'the log'" in said(wrong(world, tmp_path))


def test_a_serial_is_registered_once_for_ever(tmp_path):
    world = World().honest()
    world.say("register", "aoi", {"maker": "M", "part": "P", "serial": "1", "agreement": "jp-mn"})
    assert "was registered before" in said(wrong(world, tmp_path))


def test_a_handover_needs_both_sides_on_one_list(tmp_path):
    world = World().honest()
    offer = world.offer("bat", ["M/P/2"], "mn-ministry")
    world.say("accept", "tuul", {"items": ["M/P/2"]}, [offer])
    world.say("accept", "saran", {"items": ["M/P/1"]}, [offer])
    world.offer("saran", ["M/P/2"], "mn-repair")
    text = said(wrong(world, tmp_path))
    assert "accepts what mn-ministry is offered" in text
    assert "another list of items" in text
    assert "which mn-border holds" in text


def test_too_few_witnesses_or_a_forged_co_signature_are_found(tmp_path):
    world = World().honest()
    world.witness(("w-jp",))
    assert "1 witnesses co-signed, 2 are needed" in said(wrong(world, tmp_path))


KINDS = ("propose", "approve", "reject", "revoke", "register", "offer", "accept", "decline")
PLAIN = st.none() | st.integers() | st.text(max_size=3) | st.binary(max_size=3)
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=2), max_leaves=3)
NAMES = ("kind", "body", "items", "to", "consent", "kid", "maker", "part", "serial", "agreement")


@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(NAMES), VALUES), st.booleans())
def test_a_hostile_act_is_a_finding_or_nothing_and_never_ends_the_check(kind, body, refs):
    world = World().honest()
    checker = Checker()
    for data in world.statements:
        checker.statement(data)
    world.say(kind, "bat", body, [bytes(32)] if refs else [])
    checker.statement(world.statements[-1])
    world.say("witnessed", "demo", body, key="log")
    checker.statement(world.statements[-1])
    assert checker.wrong
    assert checker.tree.root(checker.tree.size) == world.tree.root()


@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=200))
def test_hostile_bytes_are_a_finding_at_their_place(data):
    checker = Checker()
    checker.statement(data)
    assert [place for place, _ in checker.wrong] == [0]


def test_the_file_handed_out_stands_alone_and_says_the_same(world, tmp_path):
    script = tmp_path / "verify.py"
    script.write_text(stranger_file())
    assert not re.search(r"^\s*(from|import) steppewatch", script.read_text(), re.MULTILINE)
    log = exported(world.statements, world.kept, tmp_path / "x.log")
    run = [sys.executable, "-I", str(script), str(log)]
    good = subprocess.run(run, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "0 things are wrong" in good.stdout
    exported(world.statements[1:], world.kept, log)
    bad = subprocess.run(run, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert bad.returncode == 1
    assert "WRONG at 0" in bad.stdout
    log.write_bytes(log.read_bytes()[:-3])
    assert subprocess.run(run, capture_output=True, check=False, cwd=tmp_path).returncode == 2
