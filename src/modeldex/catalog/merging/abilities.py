"""A model's abilities and request parameters, out of several sources' claims."""

from __future__ import annotations

from modeldex.catalog.merging.agreement import (
    DERIVED,
    FACT_RANK,
    Case,
    Said,
    choose,
    equal,
)

# what a mode says of abilities
_MODE_ABILITIES = {
    "audio_speech": ("audio_output", "speech_synthesis"),
    "audio_transcription": ("audio_input", "speech_recognition"),
    "embedding": ("embeddings",),
    "image_edit": ("image_output",),
    "image_generation": ("image_output",),
    "video_generation": ("video_output",),
}


def merge_capabilities(case: Case) -> None:
    """Serve yes and no per ability, a yes with the best-ranked parameters."""
    for name in sorted(case.said):
        if not name.startswith("capabilities."):
            continue
        claims = case.claims(name, FACT_RANK)
        votes = [(source, value is not False) for source, value in claims]
        chosen = choose(case, votes, equal)
        if not chosen:
            continue
        source, has = chosen
        said = case.claims(name, FACT_RANK, all=True) if has else []
        rich = [claim for claim in said if isinstance(claim[1], dict)]
        if rich:
            _serve_parameters(case, name, rich)
        else:
            case.serve(name, has, source)
    for ability in _MODE_ABILITIES.get(case.facts.get("mode", ""), ()):
        if ability not in case.facts.get("capabilities", {}):
            source = case.origin.get("mode", DERIVED)
            case.serve(f"capabilities.{ability}", value=True, source=source)


def _serve_parameters(case: Case, name: str, rich: Said) -> None:
    """Serve a yes with each parameter from the best-ranked source that states it."""
    main, first = rich[0]
    served = dict(first)
    others = {
        parameter: (source, value)
        for source, stated in reversed(rich[1:])
        for parameter, value in stated.items()
        if parameter not in first
    }
    if "efforts" in first or "efforts" in others:  # all are known: no need of some
        others.pop("effort_flags", None)
    if "efforts" in others:
        served.pop("effort_flags", None)
    for parameter, (source, value) in sorted(others.items()):
        served[parameter] = value
        case.cite(f"{name}.{parameter}", source)
    case.serve(name, served, main)


def merge_requests(case: Case) -> None:
    """Serve each request parameter, with values and bounds where a source has them."""
    for name in sorted(case.said):
        if name.startswith("request_parameters."):
            claims = case.claims(name, FACT_RANK)
            said = case.claims(name, FACT_RANK, all=True)
            rich = [claim for claim in said if isinstance(claim[1], dict)]
            chosen = rich[0] if rich else choose(case, claims, equal)
            if chosen:
                case.serve(name, chosen[1], chosen[0])
