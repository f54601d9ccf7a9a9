"""What is missing on a host is found before anything is copied, with the line to type."""

import shlex
from importlib.metadata import version
from pathlib import Path

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.launch.remote_run import check_host
from engine.launch.ssh import SshHost
from tests.ssh_host import NAME


def diagnostics(folder, host=NAME):
    with pytest.raises(DiagnosticError) as error:
        check_host(SshHost(host), str(folder))
    return error.value.diagnostics


def test_the_engine_of_the_remote_folder_comes_first(server):
    folder, engine = check_host(SshHost(NAME), str(server.remote))
    assert folder == str(server.remote)
    assert engine == f"{server.remote}/.venv/bin/engine"


@pytest.mark.parametrize("printed", ["layerloom 0.0.1", "another program", ""])
def test_another_version_is_named_with_the_line_that_installs_this_one(server, printed):
    server.install(f"echo '{printed}'")
    (found,) = diagnostics(server.remote)
    assert (found.code, found.found) == ("host-unprepared", printed)
    ssh, host, line = shlex.split(found.fixes[0].text.removeprefix("Type: "))
    assert (ssh, host) == ("ssh", NAME)
    environment = f"{server.remote}/.venv"
    assert shlex.split(line) == [
        *["python3", "-m", "venv", environment, "&&", f"{environment}/bin/python"],
        *["-m", "pip", "install", f"layerloom=={version('layerloom')}"],
    ]


def test_every_missing_program_is_named_at_once(server):
    programs = server.folder / "few programs"
    programs.mkdir()
    for name in ("sh", "mkdir"):
        (programs / name).symlink_to(f"/bin/{name}")
    server.stop()
    config = server.folder / "sshd_config"
    config.write_text(config.read_text().replace("SHLVL=1", f'SHLVL=1 "PATH={programs}"'))
    server.start()
    found = diagnostics(server.folder / "without an engine")
    assert [each.code for each in found] == [
        "host-unprepared",
        "host-unprepared",
        "host-unprepared",
    ]
    names = ["no program rsync", "no program flock", "no command engine"]
    assert [each.found for each in found] == names


def test_ssh_never_asks_for_a_password(server):
    (server.folder / "authorized_keys").write_text("")
    (found,) = diagnostics(server.remote)
    assert found.code == "host-unreachable"
    assert found.fixes[0].text == "Type: ssh-copy-id box"


def test_ssh_never_accepts_an_unknown_key(server):
    (server.folder / "known_hosts").write_text("")
    (found,) = diagnostics(server.remote)
    assert found.code == "host-unreachable"
    assert found.found == "Host key verification failed."


def test_an_unreachable_host_is_named(server):
    server.stop()
    (found,) = diagnostics(server.remote)
    assert (found.code, found.place) == ("host-unreachable", NAME)
    assert "refused" in found.found


def test_a_remote_folder_that_cannot_be_created_is_an_error(server):
    (found,) = diagnostics(server.folder / "host_key" / "folder")
    assert found.code == "host-unprepared"
    assert "host_key" in found.found


@pytest.mark.parametrize("name", ["", "-oProxyCommand=touch x", "two words", "line\nbreak"])
def test_a_name_never_counts_as_an_option_of_ssh(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (found,) = diagnostics("folder", name)
    assert found.code == "host-unreachable"
    assert not list(Path().glob("x*"))


def test_a_missing_program_on_this_machine_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    (found,) = diagnostics("folder")
    assert found.code == "host-unprepared"
    assert found.fixes[0].text == "Type: sudo apt-get install openssh-client rsync"
