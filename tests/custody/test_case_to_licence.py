"""A case becomes a consent, the consent a handover, and the handover uses the licence up."""

from steppewatch.engine.custody_demo import DAY_NS

CASE = "C-1"


def approved(trial, items):
    """Work a case through both parties to its approval; give its bounds."""
    act, now = trial.cast.act, trial.clock.ns
    bounds = {
        "agreement": "jp-mn", "items": list(items), "recipient": "uz-border",
        "purpose": "border-surveillance", "quantity": 1, "from_ns": now,
        "until_ns": now + 60 * DAY_NS,
    }  # fmt: skip
    act("bat", "case.open", {
        "id": CASE, "type": "transfer", "title": "one drone to a neighbour", "text": "exercise",
        **bounds,
    })  # fmt: skip
    for check in ("parties", "end-use", "destination", "diversion"):
        act("dorj", "case.check", {"case": CASE, "check": check, "result": "clear", "text": ""})
    for author, second in (("saran", "dorj"), ("abe", "sato")):
        advice = act(author, "case.advice", {
            "case": CASE, "about": "items", "verdict": "approve", "conditions": [], "text": "seen",
        })  # fmt: skip
        body = {"case": CASE, "agree": True, "text": ""}
        act(second, "case.countersign", body, [advice.leaf])
    act("mori", "case.decide", {
        "case": CASE, "verdict": "approve", "conditions": [], "text": "", "reasons": [],
    })  # fmt: skip
    return bounds


def terms(bounds):
    """Give what a consent takes over from its case, beside items and recipient."""
    return {
        **{key: bounds[key] for key in ("purpose", "quantity", "from_ns", "until_ns")},
        "case": CASE,
    }


def test_a_case_is_worked_to_a_licence_that_a_handover_uses_up(trial):
    trial.third_state()
    bounds = approved(trial, trial.drones[2:4])
    trial.consent("K-1", trial.drones[2:4], "uz-border", **terms(bounds))
    trial.cast.act("timur", "assure", {"consent": "K-1", "text": "ours alone"})
    leaf = trial.offer("bat", trial.drones[2:3], "uz-border", "uz-depot", consent="K-1").leaf
    trial.cast.act("timur", "accept", {"items": trial.drones[2:3]}, [leaf])
    (licence,) = trial.register.cases.get(CASE).licences
    assert (licence.quantity, licence.used) == (1, 1)
    trial.refused(
        "leaves 0", trial.offer, "bat", trial.drones[3:4], "uz-border", "uz-depot", consent="K-1"
    )


def test_a_consent_is_never_wider_than_its_case(trial):
    trial.third_state()
    bounds = approved(trial, trial.drones[2:4])
    wider = {"id": "K-1", **bounds, "quantity": 2, "case": CASE}
    trial.refused(
        "the case asks for 1",
        trial.cast.act, "dorj", "propose", {"kind": "consent", "body": wider},
    )  # fmt: skip


def test_a_reopened_case_suspends_its_licence_until_it_is_approved_anew(trial):
    trial.third_state()
    bounds = approved(trial, trial.drones[2:3])
    trial.consent("K-1", trial.drones[2:3], "uz-border", **terms(bounds))
    trial.cast.act("timur", "assure", {"consent": "K-1", "text": "ours alone"})
    trial.cast.act("abe", "case.reopen", {"case": CASE, "why": "new information"})
    trial.refused(
        "revoked", trial.offer, "bat", trial.drones[2:3], "uz-border", "uz-depot", consent="K-1"
    )
