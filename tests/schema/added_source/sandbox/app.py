"""The invented upstream: one player, who is found by name and by id."""

from providers.kit.sandbox import Sandbox, SandboxRequest, SandboxResponse

SANDBOX_SETTINGS = {"QUIZ_KEY": "quiz-sandbox-key", "QUIZ_PLAYER": "ada"}

PLAYER = {
    "id": "p7",
    "name": "Ada",
    "badges": [
        {"id": "b1", "name": "First answer", "wonAt": "2026-11-20T10:00:00Z"},
        {"id": "b2", "name": "All answers"},
    ],
}


def create_sandbox() -> Sandbox:
    """Create a sandbox with its own data."""
    sandbox = Sandbox(("api.quiz.example",))
    sandbox.route("GET", "api.quiz.example/players/{player}")(_find_player)
    return sandbox


def _find_player(request: SandboxRequest) -> SandboxResponse:
    is_known = request.parameters["player"].lower() in ("ada", "p7")
    return SandboxResponse(200, PLAYER) if is_known else SandboxResponse(404, {})
