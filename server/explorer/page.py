"""The explorer's page: GraphiQL if it is built, else a plain page. Both load nothing elsewhere."""

import json
import os
import posixpath
from collections.abc import Callable
from html import escape
from pathlib import Path
from string import Template
from typing import NamedTuple

from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from server.content_encoding import accepts_gzip

NOT_MODIFIED = 304
ASSETS_PATH = "/graphiql"

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; "
    "style-src 'self' 'unsafe-inline'; "  # Monaco writes style elements
    "font-src 'self' data:; "
    "img-src 'self' data:; "
    "object-src 'none'; "
    "base-uri 'none'; "
    "form-action 'none'; "
    "frame-ancestors 'none'"
)

_HERE = Path(__file__).parent
_BUILT = _HERE / "dist"
_STATIC = _HERE / "static"


class ExampleQuery(NamedTuple):
    title: str
    query: str
    variables: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether it is a subscription."""
        return "\nsubscription " in self.query

    @classmethod
    def read(cls, file: Path) -> "ExampleQuery":
        """Read a query, and its variables from the file of the same name ending in `.json`."""
        query, variables = file.read_text(encoding="utf-8"), file.with_suffix(".json")
        return cls(
            title=query.partition("\n")[0].removeprefix("# "),
            query=query,
            variables=variables.read_text(encoding="utf-8") if variables.is_file() else None,
        )


class ExplorerStaticFiles(StaticFiles):
    """Static files that a browser revalidates, since they keep their names from build to build.

    Those that the build has compressed are sent compressed.
    """

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        compressed = Path(f"{os.fspath(full_path)}.gz")
        is_compressed = accepts_gzip(scope) and compressed.is_file()
        if is_compressed:
            full_path, stat_result = compressed, compressed.stat()
        response = super().file_response(full_path, stat_result, scope, status_code)
        if is_compressed and response.status_code != NOT_MODIFIED:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        # A worker has the policy of its own file, not that of its page.
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response


def load_example_queries(*, live: bool = True) -> list[ExampleQuery]:
    """Load the files in `queries/` by name; the first line of each is a comment with its title.

    Without `live` there are no subscriptions among them.
    """
    files = sorted((_HERE / "queries").glob("*.graphql"))
    queries = [ExampleQuery.read(file) for file in files]
    return [query for query in queries if live or not query.is_live]


def is_explorer_built() -> bool:
    return (_BUILT / "explorer.js").is_file()


def get_assets_directory() -> Path:
    """Return the directory with the files of the page that `render_explorer_page` returns."""
    return _BUILT if is_explorer_built() else _STATIC


def create_static_files() -> ExplorerStaticFiles:
    """Create the application to mount at `ASSETS_PATH`."""
    return ExplorerStaticFiles(directory=get_assets_directory())


def render_explorer_page(graphql_path: str, *, live: bool = True) -> str:
    """Render the page at `graphql_path`, with relative URLs, since a proxy may add a prefix."""
    page = "graphiql.html" if is_explorer_built() else "plain.html"
    queries = json.dumps([query._asdict() for query in load_example_queries(live=live)])
    return Template((_HERE / "pages" / page).read_text(encoding="utf-8")).substitute(
        assets=posixpath.relpath(ASSETS_PATH, posixpath.dirname(graphql_path)),
        queries=escape(queries),
    )


def prepare_explorer_response(graphql_path: str, *, live: bool) -> Callable[[], Response]:
    """Render the page once, and return a function that builds its response."""
    page = render_explorer_page(graphql_path, live=live)
    headers = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "Cache-Control": "no-cache",
        "Vary": "Accept, Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return lambda: HTMLResponse(page, headers=headers)
