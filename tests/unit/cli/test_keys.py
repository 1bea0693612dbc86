"""``sameas keys`` and the refusals of ``sameas serve``."""

from sameas.service import KeyFile


def test_keys_are_made_listed_and_revoked(sameas, tmp_path):
    file = tmp_path / "keys.json"
    made = sameas("keys", "add", "--keys", str(file), "--role", "write", "--note", "crawler")
    assert made.code == 0
    key = KeyFile(file).find(made.out.strip())
    assert (key.role, key.note) == ("write", "crawler")
    listed = sameas("keys", "list", "--keys", str(file))
    assert f"{key.name}  write" in listed.out
    assert made.out.strip() not in listed.out
    gone = sameas("keys", "revoke", key.name, "--keys", str(file))
    assert gone.code == 0
    assert "revoked" in sameas("keys", "list", "--keys", str(file)).out
    assert sameas("keys", "revoke", "nobody", "--keys", str(file)).code == 1
    assert sameas("keys", "revoke", "--keys", str(file)).code == 2
    unknown = sameas("keys", "add", "--keys", str(file), "--role", "wirte")
    assert unknown.code == 2
    assert "Did you mean 'write'?" in unknown.err


def test_a_store_must_be_there_and_an_open_address_needs_keys(sameas, tmp_path):
    there = ("serve", "--linker", str(tmp_path), "--store")
    missing = sameas(*there, str(tmp_path / "no.db"))
    assert missing.code == 1
    assert "sameas load" in " ".join(missing.err.split())
    (tmp_path / "some.db").touch()
    open_ = sameas(*there, str(tmp_path / "some.db"), "--host", "0.0.0.0")
    assert open_.code == 1
    assert "keys are needed" in open_.err
