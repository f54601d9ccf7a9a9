"""The hosts that are offered are those of ssh's configuration, with the files that it includes."""

from engine.launch.ssh_config import configured_hosts


def test_names_are_listed_once_in_their_order_and_without_patterns(tmp_path):
    config = tmp_path / "config"
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b").write_text("Host from-b\n")
    (tmp_path / "absolute").write_text("host=last\nInclude config\n")
    config.write_text(
        f'Host box "gpu-box" *.lan !not\n  HostName 10.0.0.1\n# Host no\nInclude more/*\n'
        f"HOST box\tother\nHost *\n  User me\nInclude {tmp_path / 'absolute'}\n"
    )
    assert configured_hosts(config) == ["box", "gpu-box", "from-b", "other", "last"]


def test_without_a_configuration_there_are_none(tmp_path):
    assert configured_hosts(tmp_path / "missing") == []
