"""Keys where they really live: a sealed file, SoftHSM over PKCS#11, a real ssh-agent."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from steppewatch.custody.ledger.keys import key_of
from steppewatch.engine.custody_keys import make_key_file, open_key_file, open_signer
from steppewatch.engine.custody_keys_agent import AgentSigner
from steppewatch.errors import EngineError

WORD = "a long password"
MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")


@pytest.mark.parametrize("alg", ["EdDSA", "ES256"])
def test_a_key_in_a_file_signs_as_itself_again(tmp_path, alg):
    path = tmp_path / "key.pem"
    made = make_key_file(path, WORD, alg)
    again = open_signer(str(path), lambda: WORD)
    assert again.key == made.key
    assert made.key.verify(b"x", again.sign(b"x"))
    assert not made.key.verify(b"y", again.sign(b"x"))
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_file_is_refused_when_read_by_others_unsealed_or_with_a_wrong_password(tmp_path):
    path = tmp_path / "key.pem"
    make_key_file(path, WORD)
    with pytest.raises(EngineError, match="wrong password"):
        open_key_file(path, "another password")
    with pytest.raises(EngineError, match="exists"):
        make_key_file(path, WORD)
    path.chmod(0o640)
    with pytest.raises(EngineError, match="read by others"):
        open_key_file(path, WORD)
    secret = ed25519.Ed25519PrivateKey.generate()
    path.write_bytes(secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    with pytest.raises(EngineError, match="not sealed"):
        open_key_file(path, WORD)
    with pytest.raises(EngineError, match="8 or more"):
        make_key_file(tmp_path / "other.pem", "short")
    with pytest.raises(EngineError, match="cannot be read"):
        open_key_file(tmp_path / "none.pem", WORD)


@pytest.fixture
def agent(tmp_path):
    if not shutil.which("ssh-agent") or not shutil.which("ssh-add"):
        pytest.skip("needs ssh-agent and ssh-add")
    where = tmp_path / "agent"
    child = subprocess.Popen(["ssh-agent", "-D", "-a", where], stdout=subprocess.DEVNULL)
    while not where.exists():
        assert child.poll() is None
    yield str(where)
    child.terminate()
    child.wait()


def test_a_real_ssh_agent_signs(agent, tmp_path, monkeypatch):
    secret = ed25519.Ed25519PrivateKey.generate()
    path = tmp_path / "id"
    path.write_bytes(secret.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    path.chmod(0o600)
    monkeypatch.setenv("SSH_AUTH_SOCK", agent)
    with pytest.raises(EngineError, match="holds 0 keys"):
        AgentSigner.find()
    subprocess.run(["ssh-add", "-q", path], check=True, env={**os.environ})
    key = key_of(secret.public_key())
    signer = open_signer(f"agent:{key.kid.hex()[:12]}", lambda: "")
    assert signer.key == key
    assert key.verify(b"act", signer.sign(b"act"))
    subprocess.run(["ssh-add", "-q", "-D"], check=True, env={**os.environ}, capture_output=True)
    with pytest.raises(EngineError, match="refused"):
        signer.sign(b"act")


def test_without_an_agent_the_message_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(EngineError, match="start ssh-agent"):
        AgentSigner.find()
    with pytest.raises(EngineError, match="does not answer"):
        AgentSigner.find(path=str(tmp_path / "none"))


@pytest.fixture
def token(tmp_path, monkeypatch):
    module = next((path for path in MODULES if Path(path).exists()), None)
    if module is None or not shutil.which("softhsm2-util"):
        pytest.skip("needs SoftHSM")
    pkcs11 = pytest.importorskip("pkcs11")
    (tmp_path / "tokens").mkdir()
    settings = tmp_path / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {tmp_path}/tokens\nobjectstore.backend = file\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(settings))
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "office", "--pin", "1234",
         "--so-pin", "5678"], check=True, capture_output=True,
    )  # fmt: skip
    library = pkcs11.lib(module)
    library.reinitialize()
    oids = pkcs11.util.ec
    opened = library.get_token(token_label="office").open(user_pin="1234", rw=True)  # noqa: S106
    with opened as session:
        curve = oids.encode_named_curve_parameters("secp256r1")
        session.create_domain_parameters(
            pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: curve}, local=True
        ).generate_keypair(store=True, label="log")
    return module


def test_a_key_on_a_module_signs_and_never_leaves_it(token):
    where = f"pkcs11:log?module={token}&token=office"
    signer = open_signer(where, lambda: "1234")
    assert signer.key.alg == "ES256"
    for i in range(8):  # either form of s
        assert signer.key.verify(b"act %d" % i, signer.sign(b"act %d" % i))
    signer.close()
    with pytest.raises(EngineError, match="PinIncorrect"):
        open_signer(where, lambda: "9999")
    with pytest.raises(EngineError, match="does not open"):
        open_signer(f"pkcs11:none?module={token}&token=office", lambda: "1234")
    with pytest.raises(EngineError, match="lacks module"):
        open_signer("pkcs11:log", lambda: "1234")
