import gzip
import json

from asterix_bytes import block, north, plot
from click.testing import CliRunner

from steppewatch.cli.wire import wire


def show(path, *options):
    return CliRunner().invoke(wire, ["show", str(path), *options])


def test_each_record_is_one_json_object_under_standard_names(tmp_path):
    path = tmp_path / "monday.ast"
    path.write_bytes(block(48, plot(1000.0, 100.0, 90.0), plot(1001.0)) + block(34, north(2.0)))
    result = show(path, "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["category"] for line in lines] == [48, 48, 34]
    assert lines[0]["I048/040"] == {"RHO": 100.0, "THETA": 90.0}
    assert lines[0]["I048/010"] == {"SAC": 25, "SIC": 12}
    assert lines[0]["I048/140"] == 1000.0
    assert "3 records" in result.stderr
    assert result.exit_code == 0


def test_a_category_and_a_limit_choose_records_of_a_gzipped_file(tmp_path):
    path = tmp_path / "monday.ast.gz"
    path.write_bytes(gzip.compress(block(34, north(2.0)) + block(48, *[plot()] * 5)))
    assert show(path, "--category", "48", "--limit", "2").stdout.count("I048/010") == 2
    assert show(path, "--category", "34").stdout.count("I034/010") == 1


def test_errors_are_summed_up_and_what_is_readable_is_shown(tmp_path):
    path = tmp_path / "monday.ast"
    path.write_bytes(block(48, plot(), b"\xff") + block(23, b"\x80\x01\x02") + b"junk")
    result = show(path, "--json")
    assert len(result.stdout.splitlines()) == 1
    assert "the block ends inside a record" in result.stderr
    assert "category 23 is not decoded" in result.stderr
    assert "4 × octets that are no data block" in result.stderr
    assert result.exit_code == 0


def test_the_exit_status_tells_that_nothing_could_be_read(tmp_path):
    path = tmp_path / "picture.gif"
    path.write_bytes(b"GIF89a" * 10)
    assert show(path).exit_code == 1


def test_a_real_capture_gives_the_time_and_source_of_its_packets(real_data):
    result = show(real_data("asterix/croatia-control/cat_034_048.pcap"), "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(lines) == 162
    assert lines[0]["time"] == "2016-05-05T07:35:56.508910000Z"
    assert lines[0]["source"] == "udp 10.17.58.184:21124 > 232.2.1.31:22131"
