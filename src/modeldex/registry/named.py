"""A model, however a caller names it."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from modeldex.catalog import Lookup
    from modeldex.domain.model import Model
    from modeldex.registry import Named


def ref_of(named: "Named") -> str:
    """Return the text of a ref, of (provider, id), or of the Model."""
    from modeldex.domain.model import Model

    if isinstance(named, Model):
        return named.ref
    return "/".join(named) if isinstance(named, tuple) else named


def model_of(lookup: "Lookup", named: "Named") -> "Model":
    """Return the model of a ref, of (provider, id), or the Model itself."""
    from modeldex.domain.model import Model

    if isinstance(named, Model):
        return named
    return lookup.get_info(*named if isinstance(named, tuple) else (named,))
