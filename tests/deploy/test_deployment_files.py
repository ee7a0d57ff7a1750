"""The files in `deploy/` and the workflows are well formed, and name only what exists."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from providers.registry import CREDENTIAL_HEADERS, Source
from server.__main__ import build_parser
from server.settings import SERVER_SECRETS, read_settings
from server.telemetry_settings import are_traces_wanted, read_telemetry
from tests.deploy.proxy_process import DEPLOY, SITE
from tests.harness import RunningServer
from tests.server.runtime.server_process import REPOSITORY

YAML_FILES = sorted(
    path
    for folder in (DEPLOY, REPOSITORY / ".github")
    for pattern in ("*.yaml", "*.yml")
    for path in folder.rglob(pattern)
)
FILES_WITH_SETTINGS = [
    DEPLOY / name
    for name in ("Dockerfile", "compose.yaml", "kubernetes.yaml", "trophycase.service")
]
OWN_SETTING = re.compile(
    r"\b((?:TROPHYCASE|PSN|RETROACHIEVEMENTS|TROPHY_SO|STEAM|XBOX)_[A-Z_]+)\s*[:=,]"
)
LABEL_VALUE = re.compile(r'\b(?:state|outcome|result|code|type)[!=]=?~?"([^"]+)"')
METRIC = re.compile(r"\b(?:trophycase|process)_[a-z_]+\b")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
GATEWAYS = DEPLOY / "gateways"
FORWARDED = {"authorization", "accept-language", "cache-control", *CREDENTIAL_HEADERS}
promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool")


def load_yaml(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text()))


def list_known_settings() -> set[str]:
    """Return every setting, also those whose values a file may hold."""
    sources = {name for source in Source for name in source.value.settings}
    secrets = SERVER_SECRETS.union(*(source.value.secrets for source in Source))
    code = (REPOSITORY / "server" / "settings.py").read_text()
    own = set(re.findall(r'"(TROPHYCASE_[A-Z_]+)"', code))
    return sources | own | {f"{name}_FILE" for name in secrets}


@pytest.mark.parametrize("path", YAML_FILES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_file_is_well_formed(path: Path) -> None:
    documents = load_yaml(path)

    assert documents
    assert all(isinstance(document, dict) for document in documents)


@pytest.mark.parametrize("path", FILES_WITH_SETTINGS, ids=lambda path: path.name)
def test_every_setting_exists(path: Path) -> None:
    text = "\n".join(
        line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")
    )
    named = set(OWN_SETTING.findall(text))

    assert named
    assert named - list_known_settings() == set()


def read_environments() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the settings of each deployment, without the files of secrets, which are not here."""
    compose = load_yaml(DEPLOY / "compose.yaml")[0]
    yield "compose", compose["services"]["trophycase"]["environment"]
    deployment = load_yaml(DEPLOY / "kubernetes.yaml")[0]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    yield "kubernetes", {each["name"]: each["value"] for each in container["env"]}
    unit = (DEPLOY / "trophycase.service").read_text()
    yield "systemd", dict(re.findall(r"^Environment=(\w+)=(\S+)$", unit, re.MULTILINE))


@pytest.mark.parametrize(("name", "environment"), list(read_environments()))
def test_the_settings_of_a_deployment_are_accepted(name: str, environment: dict[str, str]) -> None:
    values = {key: value for key, value in environment.items() if not key.endswith("_FILE")}
    values = {
        key: value.replace("${SITE:?the name of the site}", SITE) for key, value in values.items()
    }

    settings = read_settings(values, sandbox=False)

    assert settings.trusted_proxies, name
    assert settings.public_url.startswith("https://")


@pytest.mark.parametrize(
    "command",
    [
        load_yaml(DEPLOY / "compose.yaml")[0]["services"]["trophycase"]["command"],
        json.loads(
            re.findall(r"^CMD (.+)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)[-1]
        ),
    ],
    ids=["compose", "image"],
)
def test_the_command_of_a_container_is_understood(command: list[str]) -> None:
    assert build_parser().parse_command(command).host == "0.0.0.0"  # noqa: S104


def test_the_compose_file_defines_what_its_services_use() -> None:
    compose = load_yaml(DEPLOY / "compose.yaml")[0]

    for name, service in compose["services"].items():
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        assert set(service["networks"]) <= set(compose["networks"]), name
        assert set(service.get("depends_on", [])) <= set(compose["services"]), name
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            is_file = source.startswith(".") and (DEPLOY / source).exists()
            assert is_file or source in compose["volumes"], volume
    assert {name for name, service in compose["services"].items() if "profiles" in service} == {
        "prometheus",
        "grafana",
        "otel-collector",
        "jaeger",
    }


def test_the_collector_takes_the_traces_that_the_server_sends_and_passes_them_on() -> None:
    services = load_yaml(DEPLOY / "compose.yaml")[0]["services"]
    collector = load_yaml(DEPLOY / "otel-collector.yaml")[0]
    pipelines = collector["service"]["pipelines"]

    assert list(pipelines) == ["traces"]
    for kind, names in pipelines["traces"].items():
        assert set(names) == set(collector[kind]), kind
    assert pipelines["traces"]["processors"][0] == "memory_limiter"
    assert (
        "./otel-collector.yaml:/etc/otelcol/config.yaml:ro" in services["otel-collector"]["volumes"]
    )
    (named,) = re.findall(
        r"OTEL_EXPORTER_OTLP_ENDPOINT=(\S+)", (DEPLOY / "compose.yaml").read_text()
    )
    received = collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"]
    assert named == f"http://otel-collector:{received.rpartition(':')[2]}"
    sent = str(urlsplit(str(collector["exporters"]["otlp_http"]["endpoint"])).hostname)
    for name in ("otel-collector", "trophycase", sent):
        assert "front" in services[name]["networks"], name


def test_without_an_endpoint_the_server_of_the_compose_file_exports_no_traces() -> None:
    environment = load_yaml(DEPLOY / "compose.yaml")[0]["services"]["trophycase"]["environment"]

    assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "${OTEL_EXPORTER_OTLP_ENDPOINT:-}"
    assert not are_traces_wanted(read_telemetry({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}))


def test_grafana_reads_from_services_of_the_compose_file() -> None:
    services = load_yaml(DEPLOY / "compose.yaml")[0]["services"]
    sources = [
        source
        for path in (DEPLOY / "grafana" / "provisioning" / "datasources").iterdir()
        for source in load_yaml(path)[0]["datasources"]
    ]

    assert {source["type"] for source in sources} == {"prometheus", "jaeger"}
    for source in sources:
        assert "front" in services[str(urlsplit(str(source["url"])).hostname)]["networks"], source


def test_the_trusted_proxy_of_the_compose_file_is_caddy() -> None:
    services = load_yaml(DEPLOY / "compose.yaml")[0]["services"]

    trusted = services["trophycase"]["environment"]["TROPHYCASE_TRUSTED_PROXIES"]
    assert trusted == services["caddy"]["networks"]["front"]["ipv4_address"]


def test_kubernetes_resources_select_the_pods_that_exist() -> None:
    resources = load_yaml(DEPLOY / "kubernetes.yaml")
    pods = {
        each["spec"]["template"]["metadata"]["labels"]["app"]
        for each in resources
        if each["kind"] == "Deployment"
    }
    services = {each["metadata"]["name"] for each in resources if each["kind"] == "Service"}

    assert {each["apiVersion"] for each in resources} == {
        "apps/v1",
        "v1",
        "policy/v1",
        "networking.k8s.io/v1",
    }
    assert services == pods == {"trophycase", "valkey"}
    for each in resources:
        if each["kind"] == "Deployment":
            pod = each["spec"]["template"]["spec"]
            assert pod["enableServiceLinks"] is False
            assert pod["securityContext"]["runAsNonRoot"] is True


def test_the_image_starts_as_a_user_without_privileges() -> None:
    copied = re.findall(r"^COPY ([\w./-]+) ", DOCKERFILE, re.MULTILINE)

    assert DOCKERFILE.rindex("\nUSER 10001") > DOCKERFILE.rindex("\nFROM ")
    assert "HEALTHCHECK" in DOCKERFILE
    assert copied
    for name in copied:
        assert (REPOSITORY / name).exists(), name


def list_expressions() -> list[str]:
    """Return the expressions of the dashboard and of the alerts."""
    dashboard = json.loads((DEPLOY / "grafana" / "trophycase.json").read_text())
    targets = [each for panel in dashboard["panels"] for each in panel.get("targets", [])]
    (group,) = load_yaml(DEPLOY / "prometheus" / "alerts.yml")[0]["groups"]
    return [*(each["expr"] for each in targets), *(rule["expr"] for rule in group["rules"])]


def test_every_metric_of_dashboard_and_alerts_is_exported(server: RunningServer) -> None:
    text = server.request("GET", "/metrics").text
    families = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    exported = families | {f"{name}_bucket" for name in families}
    named = {name for each in list_expressions() for name in METRIC.findall(each)}

    assert len(named) > 15
    assert named - exported == set()


def test_every_label_value_of_the_alerts_is_one_that_the_documents_name() -> None:
    documents = (REPOSITORY / "docs" / "reliability.md").read_text()
    values = {
        value
        for each in list_expressions()
        for group in LABEL_VALUE.findall(each)
        for value in group.split("|")
    }

    assert len(values) > 5
    assert [value for value in values if f"`{value}`" not in documents] == []


def test_every_panel_has_a_place_and_an_id_of_its_own() -> None:
    panels = json.loads((DEPLOY / "grafana" / "trophycase.json").read_text())["panels"]
    places = [(each["gridPos"]["x"], each["gridPos"]["y"]) for each in panels]

    assert len({each["id"] for each in panels}) == len(panels)
    assert len(set(places)) == len(places)
    assert all(each["gridPos"]["x"] + each["gridPos"]["w"] <= 24 for each in panels)


@promtool
@pytest.mark.slow
def test_prometheus_accepts_its_configuration_and_the_alerts() -> None:
    for arguments in (
        ("rules", "alerts.yml"),
        ("config", "--syntax-only", "prometheus.yml"),
    ):
        checked = subprocess.run(  # noqa: S603
            ["promtool", "check", *arguments],  # noqa: S607
            cwd=DEPLOY / "prometheus",
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_each_gateway_forwards_every_header_of_ours_to_this_subgraph_alone() -> None:
    router = load_yaml(GATEWAYS / "apollo-router" / "router.yaml")[0]["headers"]
    rules = router["subgraphs"]["trophycase"]["request"]
    assert {rule["propagate"]["named"] for rule in rules} == FORWARDED

    cosmo = load_yaml(GATEWAYS / "cosmo" / "config.yaml")[0]["headers"]
    rules = cosmo["subgraphs"]["trophycase"]["request"]
    assert {rule["named"].lower() for rule in rules} == FORWARDED
    assert all(rule["op"] == "propagate" for rule in rules)

    hive = (GATEWAYS / "hive" / "gateway.config.mjs").read_text()
    assert set(re.findall(r'^  "([a-z-]+)",$', hive, re.MULTILINE)) == FORWARDED

    assert list(router) == list(cosmo) == ["subgraphs"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
def test_the_configuration_of_hive_forwards_what_was_sent() -> None:
    script = """
        const { gatewayConfig } = await import(process.argv[1]);
        const forward = gatewayConfig.propagateHeaders.fromClientToSubgraphs;
        const request = new Request("http://host", { headers: { "X-Npsso": "n", Cookie: "c" } });
        console.log(JSON.stringify(["trophycase", "other"].map(
          (subgraphName) => forward({ request, subgraphName }))));
    """
    answered = subprocess.run(  # noqa: S603
        ["node", "--input-type=module", "--eval", script, GATEWAYS / "hive" / "gateway.config.mjs"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(answered.stdout) == [{"x-npsso": "n"}, {}]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """Holds with a program that exists here."""
    unit = tmp_path / "trophycase.service"
    text = (DEPLOY / "trophycase.service").read_text()
    unit.write_text(text.replace("/opt/trophycase/bin/trophycase", "/bin/true"))
    checked = subprocess.run(  # noqa: S603
        ["systemd-analyze", "verify", unit],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )

    assert (checked.returncode, checked.stderr) == (0, "")
