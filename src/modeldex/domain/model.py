"""A model as callers see it, and its compact text form in a snapshot.

The text form is one string per model: its columns joined by SEPARATOR. A Model
holds the split columns and types each one when it is asked for, so that decoding
a model is one `str.split`.
"""

from modeldex.domain import Value, set_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal
    from typing import Any

    from modeldex.domain.capability import Capabilities
    from modeldex.domain.pricing import Rate

SEPARATOR = "\x1f"
ITEM_SEPARATOR = "\x1e"
COLUMNS = tuple(
    (  # noqa: SIM905
        "provider id name description canonical alias_of family mode context_window "
        "max_input_tokens max_output_tokens limits_basis embedding_dimensions pricing "
        "rates capabilities capabilities_no capability_parameters input_modalities "
        "output_modalities status release_date knowledge_cutoff deprecation_date "
        "replacement open_weights license rate_limits protocol base_url "
        "supported_endpoints request_parameters updated_at metadata sources"
    ).split()
)
_PLACE = {column: place for place, column in enumerate(COLUMNS)}
_PROVIDER, _ID = _PLACE["provider"], _PLACE["id"]
_PRICING = _PLACE["pricing"]
_RATES = _PLACE["rates"]
_YES = _PLACE["capabilities"]


class _Column:
    """A column of a model; "" is unknown."""

    __slots__ = ("_place",)

    def __init__(self, column: str) -> None:
        self._place = _PLACE[column]


class _Text(_Column):
    """A column of text."""

    __slots__ = ()

    def __get__(self, model: "Model", owner: object = None) -> "str | None":
        if model is None:  # asked of the class
            return self
        return model._columns[self._place] or None


class _Count(_Column):
    """A column that holds a whole number."""

    __slots__ = ()

    def __get__(self, model: "Model", owner: object = None) -> "int | None":
        if model is None:  # asked of the class
            return self
        text = model._columns[self._place]
        return int(text) if text else None


def _decimal_class() -> "type[Decimal]":
    """Return Decimal, from the C module itself where there is one: a file less."""
    try:
        from _decimal import Decimal
    except ImportError:
        from decimal import Decimal
    return Decimal


class _Amount:
    """The amount of one meter."""

    __slots__ = ("_meter",)

    def __init__(self, meter: str) -> None:
        self._meter = meter

    def __get__(self, pricing: "Pricing", owner: object = None) -> "Decimal | None":
        if pricing is None:  # asked of the class
            return self
        return pricing.amount(self._meter)


class Pricing(Value):
    """The standard price of a model: USD unless `currency` says otherwise.

    An amount is the price of 1,000,000 tokens, characters or pixels, or of one of
    any other unit; standard means the lowest context tier, the standard service
    tier, the default region and the dearer of day and night. `state` is listed,
    free, included (in a subscription), variable (a router's) or unknown. An amount
    that is not known is None, never zero; a free model's input and output are
    Decimal(0). An unknown Pricing is falsy.
    """

    __slots__ = ("_amounts", "_rates", "_undated", "currency", "state")
    state: str
    currency: str
    _amounts: "Mapping[str, str]"
    _undated: "Mapping[str, str]"
    _rates: "str"

    def __init__(
        self,
        amounts: "Mapping[str, str]",
        state: "str | None" = None,
        currency: str = "USD",
        rates: str = "",
        undated: "Mapping[str, str] | None" = None,
    ) -> None:
        set_slot(self, "_amounts", amounts)
        set_slot(self, "_undated", amounts if undated is None else undated)
        set_slot(self, "_rates", rates)
        set_slot(self, "currency", currency)
        stated = "listed" if amounts or rates else "unknown"
        set_slot(self, "state", state or stated)

    def __bool__(self) -> bool:
        return self.state != "unknown"

    def __hash__(self) -> int:
        return hash((self.state, *sorted(self._amounts.items())))

    def amount(self, meter: str) -> "Decimal | None":
        """Return the amount of a meter, or None where it is not known."""
        text = self._amounts.get(meter)
        if text is None and self.state == "free" and meter in ("input", "output"):
            text = "0"
        return None if text is None else _decimal_class()(text)

    def __getattr__(self, meter: str) -> "Decimal | None":
        """Return the amount of a meter that is named more rarely."""
        from modeldex.domain.pricing import METERS

        if meter in METERS:
            return self.amount(meter)
        message = f"pricing has no {meter}; its meters are {', '.join(METERS)}"
        raise AttributeError(message)

    @property
    def rates(self) -> "tuple[Rate, ...]":
        """Every rate, the standard ones first: also of other tiers, days and hours."""
        from modeldex.domain.pricing import rates_of

        return rates_of(self._undated, self._rates)

    input = _Amount("input")
    """Price of prompt tokens."""
    output = _Amount("output")
    """Price of answer tokens."""
    cache_read = _Amount("cache_read")
    """Price of prompt tokens read from the cache."""
    cache_write = _Amount("cache_write")
    """Price of prompt tokens written to the cache (shortest lifetime)."""
    cache_write_1h = _Amount("cache_write_1h")
    """Price of prompt tokens written to the cache for one hour."""
    reasoning = _Amount("reasoning")
    """Price of reasoning tokens, where it is a price of its own."""
    input_audio = _Amount("input_audio")
    """Price of audio tokens in the prompt."""
    output_audio = _Amount("output_audio")
    """Price of audio tokens in the answer."""
    input_image = _Amount("input_image")
    """Price of image tokens in the prompt."""
    output_image = _Amount("output_image")
    """Price of image tokens in the answer."""

    @property
    def amounts(self) -> "dict[str, Decimal]":
        """Every known amount by its meter."""
        number = _decimal_class()
        known = {meter: number(text) for meter, text in self._amounts.items()}
        if self.state == "free":
            known = {"input": number(0), "output": number(0)} | known
        return known

    def as_dict(self) -> "dict[str, Any]":
        """Return the JSON form: input, output, the rest, state, currency, rates."""
        from modeldex.domain.pricing import pricing_record

        return pricing_record(self, self._rates)

    def __repr__(self) -> str:
        shown = [f"{meter}={text}" for meter, text in self._amounts.items()]
        return f"Pricing({', '.join([*shown, f'state={self.state}'])})"


def _json(text: str) -> "Any":
    if not text:
        return {}
    import json

    return json.loads(text)


class Model(Value):
    """One entry under a provider: what a caller writes into `model=`.

    A fact that is not known is None. Token counts are tokens, dates ISO text.
    """

    __slots__ = ("_columns", "_today")
    _columns: "list[str]"
    _today: "Callable[[], str]"

    def __init__(self, columns: "list[str]", today: "Callable[[], str]") -> None:
        set_slot(self, "_columns", columns)
        set_slot(self, "_today", today)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model):
            return NotImplemented
        return self._columns == other._columns

    def __hash__(self) -> int:
        return hash((self._columns[_PROVIDER], self._columns[_ID]))

    def __repr__(self) -> str:
        return f"<Model {self.ref}>"

    @property
    def ref(self) -> str:
        """`provider/model-id`."""
        return f"{self._columns[_PROVIDER]}/{self._columns[_ID]}"

    @property
    def provider(self) -> str:
        """Id of the provider who answers the request."""
        return self._columns[_PROVIDER]

    @property
    def id(self) -> str:
        """What a caller writes into `model=` at this provider."""
        return self._columns[_ID]

    @property
    def name(self) -> str:
        """Human name; the id where no source gives one."""
        return self._columns[_PLACE["name"]] or self._columns[_ID]

    description = _Text("description")
    """Prose of the YAML's author; never imported from a source."""
    canonical = _Text("canonical")
    """`author/slug`: the same model wherever it is served."""
    alias_of = _Text("alias_of")
    """Id at the same provider to which this id points today."""
    family = _Text("family")
    """Line of models that it belongs to."""

    @property
    def mode(self) -> str:
        """Kind of work: chat, embedding, image_generation and so on."""
        return self._columns[_PLACE["mode"]] or "chat"

    context_window = _Count("context_window")
    """Tokens of prompt and answer together."""
    max_input_tokens = _Count("max_input_tokens")
    """Largest prompt, where it is smaller than the window."""
    max_output_tokens = _Count("max_output_tokens")
    """Largest answer."""
    embedding_dimensions = _Count("embedding_dimensions")
    """Length of the vectors that an embedding model returns."""

    @property
    def limits(self) -> "dict[str, dict[str, Any]] | None":
        """Known limits by name, each with its tokens, basis and source."""
        from modeldex.domain.record import limits_of

        return limits_of(self, self._columns[_PLACE["limits_basis"]])

    @property
    def pricing(self) -> "Pricing":
        """Standard price today; falsy with `state` unknown where none is known."""
        return self.pricing_on(None)

    def pricing_on(self, day: "str | None") -> "Pricing":
        """Return the standard price on an ISO day; None is today."""
        columns = self._columns
        amounts = {}
        words = {"state": "", "currency": "USD"}
        for item in columns[_PRICING].split():
            meter, _, text = item.partition("=")
            if meter in words:
                words[meter] = text
            else:
                amounts[meter] = text
        rates = columns[_RATES]
        current = amounts
        if "@valid_" in rates:
            from modeldex.domain.pricing import amounts_on

            current = amounts_on(amounts, rates, day or self._today())
        return Pricing(current, words["state"], words["currency"], rates, amounts)

    @property
    def capabilities(self) -> "Capabilities":
        """Abilities, each yes, no or unknown."""
        from modeldex.domain.capability import read_capabilities

        return read_capabilities(*self._columns[_YES : _YES + 3])

    @property
    def modalities(self) -> "dict[str, list[str]] | None":
        """`{"input": […], "output": […]}` of text, image, audio, video, pdf."""
        inputs = self._columns[_PLACE["input_modalities"]]
        outputs = self._columns[_PLACE["output_modalities"]]
        if not inputs and not outputs:
            return None
        return {"input": inputs.split(), "output": outputs.split()}

    @property
    def status(self) -> str:
        """Status today: preview, active, deprecated, retired or disabled."""
        return self.status_on(self._today())

    def status_on(self, day: str) -> str:
        """Return the status on an ISO day."""
        from modeldex.domain.lifecycle import status_on

        columns = self._columns
        flag, end = columns[_PLACE["status"]], columns[_PLACE["deprecation_date"]]
        return status_on(day, flag, end, self.provider)

    release_date = _Text("release_date")
    """Day (or month, or year) of release."""
    knowledge_cutoff = _Text("knowledge_cutoff")
    """Date up to which the training data goes."""
    deprecation_date = _Text("deprecation_date")
    """Day on which the model stops."""

    @property
    def replacement(self) -> "list[str] | None":
        """What its provider says to move to: ids there, or refs."""
        return self._columns[_PLACE["replacement"]].split() or None

    @property
    def open_weights(self) -> "bool | None":
        """Whether the weights are published."""
        text = self._columns[_PLACE["open_weights"]]
        return text == "1" if text else None

    license = _Text("license")
    """Licence of the weights."""

    protocol = _Text("protocol")
    """Wire protocol of its requests, as openai-chat or anthropic-messages."""
    base_url = _Text("base_url")
    """Base URL of its API, where it is not the provider's."""

    @property
    def rate_limits(self) -> "dict[str, int] | None":
        """Default limits: `rpm` requests and `tpm` tokens per minute."""
        return _json(self._columns[_PLACE["rate_limits"]]) or None

    @property
    def request_parameters(self) -> "dict[str, Any] | None":
        """What a request may hold: name -> yes, no, or values, bounds, default."""
        from modeldex.domain.record import read_parameters

        return read_parameters(self._columns[_PLACE["request_parameters"]]) or None

    @property
    def supported_endpoints(self) -> "list[str] | None":
        """Paths of the provider's API that serve the model."""
        return self._columns[_PLACE["supported_endpoints"]].split() or None

    updated_at = _Text("updated_at")
    """Date of the newest source among those that gave the facts."""

    @property
    def metadata(self) -> "dict[str, Any]":
        """Whatever the YAML's author keeps beside the facts."""
        return dict(_json(self._columns[_PLACE["metadata"]]))

    @property
    def sources(self) -> "dict[str, Any]":
        """Source of each field; `*` stands for all fields not named."""
        from modeldex.domain.record import read_sources

        return read_sources(self._columns[_PLACE["sources"]])

    def source_of(self, field: str) -> "str | None":
        """Return the name of the source that gave a field, as `pricing.input`."""
        from modeldex.domain.record import source_of

        return source_of(self.sources, field)

    def as_dict(self) -> "dict[str, Any]":
        """Return the JSON form, all keys present; prices are Decimals."""
        from modeldex.domain.record import record_of

        return record_of(self)
