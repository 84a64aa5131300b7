"""What fits into a model: the registry's questions about context windows."""

from modeldex.catalog import Lookup
from modeldex.registry.named import model_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.domain.fit import Fit
    from modeldex.registry import Named
    from modeldex.usecases.context import Message, Prompt


class AboutContext(Lookup):
    """Whether requests fit, and how to make them fit."""

    __slots__ = ()

    def fits(
        self, ref: "Named", prompt: "Prompt", max_output: "int | None" = None
    ) -> "Fit":
        """Return whether a request fits, by how much, and which limit binds.

        `prompt` is a number of tokens, or text, a message or messages, whose tokens
        are then estimated. `max_output` is the longest answer that the request
        allows; without it nothing is reserved for the answer. Raises
        UnknownModelError and InvalidInputError.
        """
        from modeldex.usecases.context import fit

        return fit(model_of(self, ref), prompt, max_output)

    def validate_context(
        self, ref: "Named", prompt: "Prompt", max_output: "int | None" = None
    ) -> int:
        """Return the tokens of a prompt that nothing says is too long.

        Raises DoesNotFitError when a limit is exceeded, UnknownModelError.
        """
        from modeldex.usecases.context import validate

        return validate(model_of(self, ref), prompt, max_output)

    def truncate_messages(
        self,
        ref: "Named",
        messages: "Sequence[Message]",
        max_output: "int | None" = None,
        strategy: str = "sliding_window",
    ) -> "list[Message]":
        """Return the messages that fit, the oldest left out first.

        `sliding_window` keeps the latest; `smart` keeps system messages too. The
        answer to a function call goes with its call. What fits, or has no known
        limit, is returned as it is. Raises DoesNotFitError when even the latest
        message is too long, InvalidInputError for another strategy.
        """
        from modeldex.usecases.context import truncate

        return truncate(model_of(self, ref), messages, max_output, strategy)

    def get_token_allocation(
        self, ref: "Named", max_output: "int | None" = None
    ) -> "dict[str, int]":
        """Return how a context window may be shared, in tokens.

        The parts are total, system, conversation and response. The response gets
        `max_output`, else 1,000; the system message a tenth, at most 1,000; the
        conversation the rest. Raises InvalidInputError when the window is not known,
        DoesNotFitError when nothing is left to converse.
        """
        from modeldex.usecases.context import allocation

        return allocation(model_of(self, ref), max_output)
